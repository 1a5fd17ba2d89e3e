"""Who follows which topic inside this process, and what each has yet to hear."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from storage.tables import Event

LONGEST_TOPIC = 200  # bytes
LONGEST_PAYLOAD = 7000  # bytes; PostgreSQL carries less than 8000 with the topic
KEPT = 1000


class Bell:
    """What one follower waits on; several rings before it looks are one."""

    def __init__(self) -> None:
        self.missed = False
        """Payloads were lost since the last `take`: rows tell the rest."""
        self.news = False
        """Rung without a payload since the last `take`, or `missed`: there are rows to look at."""
        self.rows: list[Event] | None = []
        """Of the news since the last `take`; None: they have to be read."""
        self._rung = asyncio.Event()
        self._told: list[str] = []

    def ring(self, payload: str = "", rows: Sequence[Event] = ()) -> None:
        if payload:
            if len(self._told) >= KEPT:
                self._told.clear()
                self._miss()
            self._told.append(payload)
        else:
            self.news = True
            if self.rows is None or not rows or len(rows) > KEPT - len(self.rows):
                self.rows = None
            else:
                self.rows += rows
        self._rung.set()

    def resync(self) -> None:
        """Ring after a time in which nothing could be heard."""
        self._miss()
        self._rung.set()

    def _miss(self) -> None:
        self.missed = self.news = True
        self.rows = None

    async def wait(self, seconds: float) -> bool:
        """True once it has rung since the last time, False when the time is up: then look all the same."""
        rung = await within(seconds, self._rung)
        self._rung.clear()
        return rung

    async def rung(self) -> None:
        """Returns once it has rung since the last time."""
        await self._rung.wait()
        self._rung.clear()

    def take(self) -> list[str]:
        """The payloads told since the last time, in their order."""
        told, self._told, self.missed, self.news, self.rows = self._told, [], False, False, []
        return told


class LocalBus:
    """For SQLite, where there is one process."""

    def __init__(self) -> None:
        self._bells: defaultdict[str, set[Bell]] = defaultdict(set)

    @property
    def hears(self) -> bool:
        return True

    @contextmanager
    def follow(self, topic: str) -> Iterator[Bell]:
        bell = Bell()
        self._bells[topic].add(bell)
        try:
            yield bell
        finally:
            self._bells[topic].discard(bell)
            if not self._bells[topic]:
                del self._bells[topic]

    async def tell(self, topic: str, payload: str = "", rows: Sequence[Event] = ()) -> None:
        check(topic, payload)
        self.ring(topic, payload, rows)

    def ring(self, topic: str, payload: str = "", rows: Sequence[Event] = ()) -> None:
        """Ring in this process alone."""
        for bell in self._bells.get(topic, ()):
            bell.ring(payload, rows)

    def resync_all(self) -> None:
        for bells in self._bells.values():
            for bell in bells:
                bell.resync()


def check(topic: str, payload: str) -> None:
    """Raise ValueError for what no database could carry, also where there is none between."""
    if not topic or "\n" in topic or len(topic.encode()) > LONGEST_TOPIC:
        raise ValueError(f"a topic is one line of 1 to {LONGEST_TOPIC} bytes")
    if len(payload.encode(errors="replace")) >= LONGEST_PAYLOAD:
        raise ValueError(f"a payload has less than {LONGEST_PAYLOAD} bytes")


async def within(seconds: float, event: asyncio.Event) -> bool:
    """Whether the event was set before the time was up."""
    if event.is_set():
        return True
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
