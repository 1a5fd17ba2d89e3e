"""Time limits of a call that rest while a person is asked something in the middle of it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar


class Clock:
    def __init__(self, timeout: asyncio.Timeout) -> None:
        self._timeout = timeout
        self._rests = 0
        self._left = 0.0
        self._over = False

    def rest(self) -> None:
        when = self._timeout.when()
        if not self._rests and when is not None and self._running:
            self._left = when - asyncio.get_running_loop().time()
            self._timeout.reschedule(None)
        self._rests += 1

    def go_on(self) -> None:
        self._rests -= 1
        if not self._rests and self._running:
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._left)

    def end(self) -> None:
        self._over = True

    @property
    def _running(self) -> bool:
        return not (self._over or self._timeout.expired())


_clocks: ContextVar[tuple[Clock, ...]] = ContextVar("clocks", default=())


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[None]:
    """As `asyncio.timeout`, for what this task and those that it starts do meanwhile; raises `TimeoutError`."""
    async with asyncio.timeout(seconds) as timeout:
        clock = Clock(timeout)
        token = _clocks.set((*_clocks.get(), clock))
        try:
            yield
        finally:
            clock.end()
            _clocks.reset(token)


def running_clocks() -> tuple[Clock, ...]:
    """All limits that this task is under. Read it where a call begins: questions arrive in other tasks."""
    return _clocks.get()


@contextmanager
def resting(clocks: Iterable[Clock]) -> Iterator[None]:
    """None of them runs out meanwhile."""
    rested = list(clocks)
    for clock in rested:
        clock.rest()
    try:
        yield
    finally:
        for clock in rested:
            clock.go_on()
