"""A link's time is over at its moment: what runs on it is ended then, and not at the next round of the sweep."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.services.links.links import Links
from storage.bus.bus import Bus
from storage.schema import now

TOPIC = "links"
LONGEST = 60.0
"""Seconds until it looks again all the same: another process may have made a link, and died before it said so."""
AFTER = timedelta(milliseconds=20)


class Expiring:
    """Nothing is kept here: at each start and at each ring the database says which link runs out next."""

    def __init__(self, links: Links, bus: Bus, clock: Callable[[], datetime] = now) -> None:
        self._links = links
        self._bus = bus
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        with self._bus.follow(TOPIC) as bell:
            while True:
                due = await self._links.next_expiry()
                left = LONGEST if due is None else (due + AFTER - self._clock()).total_seconds()
                if left <= 0:
                    await self._links.sweep()
                    # What another process is closing just now is due still: not to be asked for in a busy loop.
                    left = 0.5
                await bell.wait(min(left, LONGEST))
