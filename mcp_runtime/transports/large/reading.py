"""Where large messages are read: one process for all, which may be killed, begun when it is needed and no sooner."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mcp_runtime.left_out import MARK
from mcp_runtime.transports.large.reader import MEMORY
from mcp_runtime.transports.mending.messages import TooManyValues, Written

LARGE, MANY = 1 << 18, 40_000
"""Bytes; signs that begin or part values. Less is read at once, in a few milliseconds."""
PATIENCE = 20.0
"""Seconds for one message: the largest takes less than one, on a machine that is not busy."""
IDLE = 60.0
"""Seconds after which the process ends."""
MOST_HELD = 64 << 20
"""Bytes of memory; if a message took more, the next one is read by another process."""
LONGEST_HEAD = 1 << 16
READER = Path(__file__).with_name("reader.py")
_SIGNS = (b",", b"[", b"{", b'"')


class NotRead(TooManyValues):
    """The process has died over it, or took too long: it is told as what is too large."""


@dataclass(frozen=True)
class Took:
    """What it took to read a message: seconds of a processor, bytes of memory."""

    seconds: float
    memory: int


Charge = Callable[[Took], None]


class ReadingProcess:
    """One message at a time: whoever waits has its turn before anybody's second."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._killed: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def shrunk(self, raw: bytes, methods: dict[str, str], charge: Charge = lambda took: None) -> bytes:
        """Raises `TooManyValues`, or `NotRead`; whichever it is, ``charge`` hears what it took, and may raise."""
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
            begun = time.perf_counter()
            try:
                async with asyncio.timeout(PATIENCE):
                    answer, took = await self._asked(await self._begun(), raw, methods)
            except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError):
                self.kill()
                charge(Took(time.perf_counter() - begun, MEMORY))  # it cannot say any more what it took
                raise NotRead from None
            except BaseException:
                self.kill()  # cancelled: its answer would be taken for that to the next
                raise
            if took.memory > MOST_HELD:
                self.kill()  # what it does not give back would be charged to others
            else:
                self._idle = asyncio.get_running_loop().call_later(IDLE, self.kill)
        charge(took)
        if answer is None:
            raise TooManyValues
        return answer

    def kill(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            if process.stdin is not None:
                process.stdin.close()
            going = asyncio.get_running_loop().create_task(_gone(process))
            self._killed.add(going)
            going.add_done_callback(self._killed.discard)

    async def close(self) -> None:
        self.kill()
        await asyncio.gather(*self._killed)

    async def _begun(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            # Isolated from the folder it runs in, and without one variable of ours: secrets stand in them.
            argv = sys.executable, "-I", "-S", str(READER), MARK
            self._process = await asyncio.create_subprocess_exec(
                *argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, limit=LONGEST_HEAD
            )
        return self._process

    async def _asked(self, process: Process, raw: bytes, methods: dict[str, str]) -> tuple[bytes | None, Took]:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a child without pipes")
        head = json.dumps({"size": len(raw), "methods": methods}).encode()
        process.stdin.write(head + b"\n")
        for start in range(0, len(raw), LARGE):
            process.stdin.write(raw[start : start + LARGE])
            await process.stdin.drain()
        size, worked, memory = map(int, (await process.stdout.readline()).split())
        took = Took(worked / 1e9, memory)
        return (None if size < 0 else Written(await process.stdout.readexactly(size))), took


class Reading:
    """Of one session: ``asked`` are the methods of its requests under way, by id; ``charge`` is its budget's."""

    def __init__(self, process: ReadingProcess | None = None, charge: Charge = lambda took: None) -> None:
        self._process = process
        self._charge = charge
        self._mine = asyncio.Lock()
        self.asked: dict[str, str] = {}

    async def small(self, raw: bytes) -> bytes:
        """The message, or one that says the same and costs little. Raises `TooManyValues`."""
        if self._process is None or not is_large(raw):
            return raw
        async with self._mine:  # so that no session stands in the queue twice
            return await self._process.shrunk(raw, dict(self.asked), self._charge)


def is_large(raw: bytes) -> bool:
    return len(raw) > LARGE or (len(raw) > MANY and sum(map(raw.count, _SIGNS)) > MANY)


async def _gone(process: Process) -> None:
    """What it has said is thrown away: until the last of it is read, its pipe stays open."""
    with suppress(OSError):
        while process.stdout is not None and await process.stdout.read(LARGE):
            pass
    await process.wait()
