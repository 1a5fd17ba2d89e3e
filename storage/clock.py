"""What time it is, for all that processes agree on: leases, due times, expiry, limits, and ids that sort by age.

On PostgreSQL that is the database's clock, asked for no statement of its own: every connection that is taken from the
pool is tried first, and what it is tried with is the question for the time. In between, this machine's steady clock
counts on from there. So it is all one what the machines' wall clocks say, how far apart they are, and whether one of
them jumps. SQLite is one process on one machine: there it is the wall clock.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _ticks() -> int:
    """Nanoseconds; where the system can tell, a machine's sleep is counted."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic_ns()


class Clock:
    """All in nanoseconds since 1970, or of the steady clock."""

    def __init__(self, wall: Callable[[], int] = time.time_ns, ticks: Callable[[], int] = _ticks) -> None:
        self.wall = wall
        self.ticks = ticks
        self._ahead: int | None = None
        """Of the steady clock, by what the database says; None: none has been asked."""

    def ns(self) -> int:
        return self.wall() if self._ahead is None else self.ticks() + self._ahead

    def heard(self, at: datetime, sent: int) -> None:
        """The database said ``at`` to a question of that tick.

        It said so between then and now. What we take for its time is moved no further than to within these bounds, so
        that a slow answer moves nothing that quick ones have told.
        """
        said, took = round((at - EPOCH) / timedelta(microseconds=1)) * 1_000, self.ticks() - sent
        earliest, latest = said - sent - took, said - sent
        self._ahead = latest if self._ahead is None else min(max(self._ahead, earliest), latest)

    def forget(self) -> None:
        """As if no database had been asked."""
        self._ahead = None

    def wall_is_ahead(self) -> float:
        """Seconds by which this machine's clock differs from the database's."""
        return (self.wall() - self.ns()) / 1e9


CLOCK = Clock()
"""This process's."""


def now() -> datetime:
    return EPOCH + timedelta(microseconds=CLOCK.ns() // 1_000)


def microseconds() -> int:
    """Since 1970."""
    return CLOCK.ns() // 1_000


def seconds() -> float:
    """Since 1970."""
    return CLOCK.ns() / 1e9
