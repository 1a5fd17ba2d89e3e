"""What a program has written where it has no file system of its own: looked at, since no limit of the kernel counts it.

A limit on the size of one file says nothing of their number, and all of them lie on the disk that Usher lives on.
"""

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from mcp_runtime.sandbox.processes import tree

BLOCK = 512  # of st_blocks, whatever the disk's own is
AT_LEAST = 4096
"""Bytes for each file: empty ones use a disk up as well."""


@dataclass(frozen=True)
class Writable:
    """The one folder that a program may write to, and how many bytes."""

    folder: Path
    most: int

    async def overfilled(self, pid: int, every: float = 0.25) -> None:
        """Wait until the program has written more. Ends only so, or by cancellation."""
        # No kernel tells of a folder's size; a folder may be large, so it is looked at beside the loop.
        while not await asyncio.to_thread(self._over, pid):  # noqa: ASYNC110
            await asyncio.sleep(every)

    def _over(self, pid: int) -> bool:
        held, seen = 0, set[tuple[int, int]]()
        for each in chain(_deleted(pid, self.folder), _below(self.folder)):
            held += _size(each, seen)
            if held > self.most:  # not to its end: it may have been filled with very many
                return True
        return False


def take_away(folder: str) -> None:
    """Once its program is gone: also what that has closed to itself, and so to us where we are the same account."""
    shutil.rmtree(folder, ignore_errors=True)
    waiting = [folder]
    while waiting:
        with suppress(OSError):
            place = waiting.pop()
            Path(place).chmod(0o700)
            with os.scandir(place) as entries:  # never through a link
                waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    shutil.rmtree(folder, ignore_errors=True)


def _size(found: os.stat_result, seen: set[tuple[int, int]]) -> int:
    place = (found.st_dev, found.st_ino)
    if place in seen:
        return 0
    seen.add(place)
    return max(found.st_blocks * BLOCK, AT_LEAST)


def _below(folder: Path) -> Iterator[os.stat_result]:
    """Never through a link: one could lead anywhere."""
    waiting = [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)


def _deleted(pid: int, folder: Path) -> Iterator[os.stat_result]:
    """Files that are in no folder any more, and on the disk for as long as the program has them open."""
    with suppress(OSError):
        disk = folder.stat().st_dev
        for each in tree(pid):
            with suppress(OSError):
                for opened in Path(f"/proc/{each}/fd").iterdir():
                    with suppress(OSError):
                        found = opened.stat()
                        if found.st_nlink == 0 and found.st_dev == disk and stat.S_ISREG(found.st_mode):
                            yield found
