"""Nudges between equal processes: there is news under this topic. The news itself is in the database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Protocol

from storage.bus.topics import Bell, LocalBus, within
from storage.database import Database
from storage.engines.address import Address
from storage.tables import Event

__all__ = ["Bell", "Bus", "LocalBus", "open_bus", "within"]


class Bus(Protocol):
    """Follow first, then read what is there, then read again on each ring: nothing falls between."""

    @property
    def hears(self) -> bool:
        """What other processes tell arrives here at once; else all look now and then."""

    def follow(self, topic: str) -> AbstractContextManager[Bell]: ...

    async def tell(self, topic: str, payload: str = "", rows: Sequence[Event] = ()) -> None:
        """Ring for all who follow the topic, in every process; call it after the commit.

        A payload is for what is not stored, such as running text: less than 7,000 bytes, and nobody
        should rely on it. Without one it says: look at the rows. Whoever has stored ``rows`` of a log may bring them:
        who follows it in this process need not read them, where they go on from what it has.
        """


@asynccontextmanager
async def open_bus(db: Database, listen_url: str | None = None) -> AsyncIterator[Bus]:
    """The bus that fits the database, from when it hears everything until the block ends.

    ``listen_url``: the way past a pooler.
    """
    if not db.is_postgres:
        yield LocalBus()
        return
    from storage.bus.postgres import PostgresBus  # SQLite can do without what it needs

    listen = Address.of(listen_url) if listen_url else None
    async with PostgresBus(db.engine, listen).listening() as bus:
        yield bus
