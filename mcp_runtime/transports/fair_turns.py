"""What a server says is read in slices: between them all others have a turn, and who says too much waits."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
Clock = Callable[[], float]

SLICE = 0.001
"""Seconds of work for one server without a turn for all others: what they do takes several turns, and each waits so
long. A fifth of that is what a turn of the loop itself costs."""
REST = 2.0
"""Times as long as it worked does the loop rest from it at least, so that all others have two thirds of it: a thread
that waits for Python's lock, as the one of SQLite does, hardly ever gets it from a loop that never sleeps, but for once
in five thousandths of a second."""
BURST = 1.0
"""Seconds of work that cost no more pause than that: a few answers of the largest size."""
SHARE = 0.05
"""Of the time, for a server that goes on and on: a program may print without end, and there is one event loop."""
LONGEST_PAUSE = 5.0
BURST_OF_MEMBER, SHARE_OF_MEMBER = 4.0, 0.2
"""The same for all sessions of one member together: a hundred that open at once take less."""
MOST_CREDITS = 1000
"""Kept at once, unless all of them are in use."""


async def unhurried(several: Iterable[T]) -> AsyncIterator[T]:
    """Each of what may be a thousand, and is small work by itself; others have their turns in between."""
    begun = time.thread_time()
    for each in several:
        yield each
        if time.thread_time() - begun >= SLICE:
            await asyncio.sleep(0)
            begun = time.thread_time()


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


class Credit:
    """Seconds of work that cost no pause; what was spent comes back as a share of the time."""

    def __init__(self, burst: float = BURST, share: float = SHARE, clock: Clock = time.perf_counter) -> None:
        self._burst, self._share, self._clock = burst, share, clock
        self._left, self._at = burst, clock()

    @property
    def whole(self) -> bool:
        """As if nothing had ever been spent."""
        return self.spend(0.0) == 0 and self._left == self._burst

    def spend(self, seconds: float) -> float:
        """For how long to pause now."""
        at = self._clock()
        self._left = min(self._burst, self._left + self._share * (at - self._at)) - seconds
        self._at = at
        return min(max(0.0, -self._left / self._share), LONGEST_PAUSE)


class Credits:
    """Of each member, for all their sessions: who connects anew again and again begins none anew with it."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self._of: dict[tuple[str, str], Credit] = {}

    def of(self, workspace: str, member: str) -> Credit:
        if len(self._of) >= MOST_CREDITS:
            self._of = {key: each for key, each in self._of.items() if not each.whole}
        return self._of.setdefault((workspace, member), Credit(BURST_OF_MEMBER, SHARE_OF_MEMBER, self._clock))


class FairTurns:
    """Of one session. Who pauses reads nothing meanwhile, so that the server has to wait with what it says."""

    def __init__(
        self, clock: Clock = time.perf_counter, worked: Clock = time.thread_time, members: Credit | None = None
    ) -> None:
        """``members`` is the credit that it shares with its member's other sessions."""
        self._clock, self._work_clock = clock, worked
        self._rested_at = clock()
        self._worked = 0.0
        self._credit, self._members = Credit(clock=clock), members

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
            worked, self._worked = self._worked, 0.0
            pause = self._credit.spend(worked)
            self.paused(pause)
            of_member = self._members.spend(worked) if self._members else 0.0
            still = worked * (1 + REST) - (self._clock() - self._rested_at)  # what lay between two calls was rest too
            await asyncio.sleep(max(pause, of_member, min(still, LONGEST_PAUSE)))
            await _in_line()
            self._rested_at = self._clock()

    def paused(self, seconds: float) -> None:
        """It is about to wait so long because it has worked more than its share."""
