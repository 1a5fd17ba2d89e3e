"""A process and all below it: the memory they really hold, and their end."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mcp_runtime.sandbox.kernel_memory import of_kernel

PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(Protocol):
    @property
    def pid(self) -> int: ...

    async def wait(self) -> int: ...


P = TypeVar("P", bound=Process)


async def opened_whole(opening: Coroutine[Any, Any, P]) -> P:
    """The process, which leads its group; whoever is cut off meanwhile leaves nothing of it."""
    started = asyncio.create_task(opening)
    try:
        return await asyncio.shield(started)
    except asyncio.CancelledError:
        # asyncio would end the first process alone, and bwrap may have forked by now.
        await asyncio.shield(asyncio.create_task(_ended(started)))
        raise


async def _ended(started: "asyncio.Task[P]") -> None:
    await asyncio.wait({started})
    if not started.cancelled() and started.exception() is None:
        kill_tree(started.result().pid)
        await started.result().wait()


def tree(pid: int) -> Iterator[int]:
    """The process and its descendants; those that end meanwhile are left out."""
    waiting = [pid]  # and no call for each generation: there may be more of them than calls
    while waiting:
        yield (each := waiting.pop())
        for thread in _threads(each):
            waiting += map(int, _read(thread / "children").split())


def _threads(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


async def grown_over(limit: int, pid: int, threads: int | None = None, every: float = 0.25) -> int | None:
    """Wait until the tree holds more than ``limit`` bytes; what it held then. Ends only so, or by cancellation.

    None: it had more than so many threads, and was looked at no further.
    """
    while (pids := _within(threads, pid)) is not None:
        # The kernel tells of memory only when asked.
        if (held := _held(pids, limit)) > limit:
            return held
        await asyncio.sleep(every)
    return None


def _within(threads: int | None, pid: int) -> list[int] | None:
    """The tree; None as soon as it has more threads, which is what the kernel counts: it takes no longer then."""
    pids, found = [], 0
    for each in tree(pid):
        pids.append(each)
        if threads is not None and (found := found + len(_threads(each))) > threads:
            return None
    return pids


def _held(pids: Sequence[int], limit: int) -> int:
    """Exact where it is more than ``limit``; below, pages that several share count for each, which is cheap to ask."""
    kernel = of_kernel(pids)
    resident = kernel + sum(map(_rss, pids))
    return resident if resident <= limit else kernel + sum(map(_pss, pids))


def kill_tree(pid: int) -> None:
    """End a process that leads its group, and all below it, at whatever moment."""
    signal_group(pid, signal.SIGSTOP)  # a bomb would go off all the while
    # Until it is set up, what bwrap has forked does not die with it: one waits for ever, another would run on.
    for each in list(tree(pid)):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)
    signal_group(pid, signal.SIGKILL)  # and what it forked while we looked


def signal_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _rss(pid: int) -> int:
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE if fields else 0


def _pss(pid: int) -> int:
    lines = (line.split() for line in _read(f"/proc/{pid}/smaps_rollup").splitlines())
    shares = [int(fields[1]) * 1024 for fields in lines if fields[0] == "Pss:"]
    return shares[0] if shares else _rss(pid)  # what may not be looked into counts in full


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # it has ended, or is not ours to look into
        return ""
