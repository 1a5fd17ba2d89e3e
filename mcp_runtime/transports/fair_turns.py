"""What a server says is read in slices: between them all others have a turn, and who says too much waits."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
Clock = Callable[[], float]

SLICE = 0.005
"""Seconds of work for one server without a turn for all others."""
BURST = 1.0
"""Seconds of work that cost no pause: a few answers of the largest size."""
SHARE = 0.05
"""Of the time, for a server that goes on and on: a program may print without end, and there is one event loop."""
LONGEST_PAUSE = 5.0


TOGETHER = 50
"""Small pieces of work without a turn for all others."""


async def unhurried(several: Iterable[T]) -> AsyncIterator[T]:
    """Each of what may be a thousand, and is small work by itself; others have their turns in between."""
    for number, each in enumerate(several, 1):
        yield each
        if number % TOGETHER == 0:
            await asyncio.sleep(0)


class _Line:
    """Of all sessions with more to do: one of them goes on in each round of the loop, so that many cost as one."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def end(self) -> None:
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._next, loop)
        await turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting and (turn := self._waiting.popleft()):
            if not turn.done():  # else its session was closed meanwhile
                turn.set_result(None)
                break
        if self._waiting:
            loop.call_soon(self._next, loop)


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()


async def _in_line() -> None:
    await _lines.setdefault(asyncio.get_running_loop(), _Line()).end()


class FairTurns:
    """Of one session. Who pauses reads nothing meanwhile, so that the server has to wait with what it says."""

    def __init__(self, clock: Clock = time.perf_counter, worked: Clock = time.thread_time) -> None:
        self._clock, self._work_clock = clock, worked
        self._worked = 0.0
        self._credit = BURST
        self._filled_at = clock()

    def work(self, act: Callable[[], T]) -> T:
        """Do it, and count how much of a processor it took: a machine that is busy is not the server's fault."""
        begun = self._work_clock()
        try:
            return act()
        finally:
            self._worked += self._work_clock() - begun

    async def others(self) -> None:
        """Between two pieces of work."""
        if self._worked >= SLICE:
            pause = self._pause()
            self.paused(pause)
            await asyncio.sleep(pause)
            await _in_line()

    def paused(self, seconds: float) -> None:
        """It is about to wait so long because it has worked more than its share."""

    def _pause(self) -> float:
        at = self._clock()
        self._credit = min(BURST, self._credit + SHARE * (at - self._filled_at)) - self._worked
        self._filled_at, self._worked = at, 0.0
        return min(max(0.0, -self._credit / SHARE), LONGEST_PAUSE)
