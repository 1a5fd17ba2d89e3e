"""What the kernel holds for a program outside of its processes, which no limit of a process counts.

A control group counts it too, where there is one. Here it is estimated, never below what it can be.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from mcp_runtime.sandbox.command import WRITABLE

FEW_SOCKETS = 64
"""As many as any honest program may have are not counted."""
INODE = 1024
"""Bytes of an empty file of a folder in memory, with its name."""
TABLES = ("net/tcp", "net/tcp6")


def of_kernel(pids: Sequence[int]) -> int:
    """Bytes in sockets, and in however empty files of the folders that are in memory."""
    sockets = max(len(_sockets(pids)) - FEW_SOCKETS, 0) * _buffer()
    queued = sum(_queued(pid) for pid in _apart(pids, "net"))
    inodes = sum(_inodes(pid, folder) for pid in _apart(pids, "mnt") for folder in WRITABLE)
    return sockets + queued + inodes * INODE


def _apart(pids: Iterable[int], kind: str) -> list[int]:
    """One process of each namespace that is not ours."""
    found: dict[Path, int] = {}
    for pid in pids:
        with suppress(OSError):
            found.setdefault(Path(f"/proc/{pid}/ns/{kind}").readlink(), pid)
    with suppress(OSError):
        found.pop(Path(f"/proc/self/ns/{kind}").readlink(), None)
    return list(found.values())


def _sockets(pids: Sequence[int]) -> set[Path]:
    """By their inodes, since processes may share one; none where few files are open at all, which is cheaper to see."""
    opened = [each for pid in pids for each in _opened(pid)]
    found = set()
    for each in opened if len(opened) > FEW_SOCKETS else ():
        with suppress(OSError):
            found.add(each.readlink())
    return {target for target in found if target.name.startswith("socket:")}


def _opened(pid: int) -> list[Path]:
    with suppress(OSError):
        return list(Path(f"/proc/{pid}/fd").iterdir())
    return []


def _buffer() -> int:
    """Of one socket of this machine, which the filter of system calls lets nobody make larger."""
    try:
        return int(Path("/proc/sys/net/core/wmem_default").read_text())
    except (OSError, ValueError):
        return 212_992  # of most kernels


def _queued(pid: int) -> int:
    """Bytes in connections of its network: their buffers grow by themselves, to 32 MB each on some machines."""
    total = 0
    for table in TABLES:
        with suppress(OSError, ValueError, IndexError), Path(f"/proc/{pid}/{table}").open() as lines:
            next(lines, None)
            for line in lines:
                sent, _, received = line.split()[4].partition(":")
                total += int(sent, 16) + int(received, 16)
    return total


def _inodes(pid: int, folder: str) -> int:
    inside = Path(f"/proc/{pid}/root{folder}")
    try:
        found = os.statvfs(inside)
        # Who only sets the sandbox up has mounts of its own, and this machine's folders in them.
        if Path(folder).exists() and Path(folder).stat().st_dev == inside.stat().st_dev:
            return 0
    except OSError:
        return 0
    return found.f_files - found.f_ffree
