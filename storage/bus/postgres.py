"""The bus between processes that share a PostgreSQL: LISTEN and NOTIFY."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.bus.topics import LocalBus, check, within
from storage.engines.engine import TROUBLE
from storage.engines.plain_text import plain
from storage.schema import new_id

CHANNEL = "usher"
NAME = "usher bus"
NOTIFY = "SELECT pg_notify($1, each) FROM unnest($2::text[]) AS each"
AGAIN_AFTER = 2.0
"""Seconds until what could not be sent is sent again; sooner, when there is more."""
MOST_KEPT = 10_000
log = logging.getLogger(__name__)


class PostgresBus(LocalBus):
    """Rings here at once, and in other processes by one NOTIFY for all that was told meanwhile."""

    def __init__(self, engine: AsyncEngine, *, ask_every: float = 30.0, patience: float = 5.0) -> None:
        super().__init__()
        self._engine = engine
        self._ask_every = ask_every
        self._patience = patience
        self._own = new_id()
        self._numbers = count()
        self._unsent: list[str] = []
        self._has_unsent = asyncio.Event()
        self._hears = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        """On which it listens."""
        self._asking = asyncio.Lock()
        """A connection answers one question at a time."""

    async def tell(self, topic: str, payload: str = "") -> None:
        payload = plain(payload)
        check(topic, payload)
        self.ring(topic, payload)
        # Numbered, since PostgreSQL drops what is told twice in one transaction.
        self._unsent.append(f"{self._own}\n{next(self._numbers)}\n{topic}\n{payload}")
        self._has_unsent.set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["PostgresBus"]:
        """The bus, from when it hears everything until the block ends."""
        tasks = [asyncio.create_task(work, name="bus") for work in (self._listen(), self._send_on())]
        try:
            await self._hears.wait()
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._send()

    async def _send_on(self) -> None:
        while True:
            if self._unsent:
                await within(AGAIN_AFTER, self._has_unsent)
            else:
                await self._has_unsent.wait()
            await self._send()

    async def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        self._has_unsent.clear()
        if not unsent:
            return
        try:
            await self._notify(unsent)
        except TROUBLE as error:
            log.warning("could not tell other processes: %s", type(error).__name__)
            self._keep(unsent)

    def _keep(self, told: list[str]) -> None:
        """One nudge a topic, until it can be sent; running text is old by then, and its row comes."""
        by_topic = {_topic(each): each for each in (*told, *self._unsent) if each.endswith("\n")}
        running = [each for each in self._unsent if not each.endswith("\n")]
        self._unsent = [*list(by_topic.values())[-MOST_KEPT:], *running]

    async def _notify(self, told: list[str]) -> None:
        """Apart from all that is stored: who notifies in a transaction commits after all others who do, one by one."""
        if (listening := self._connection) is not None:  # one way there and back, where the pool needs three
            async with self._asking:
                await listening.execute(NOTIFY, CHANNEL, told, timeout=self._patience)
            return
        each = sa.func.unnest(sa.bindparam("told", told, postgresql.ARRAY(sa.Text()))).column_valued("each")
        async with self._engine.begin() as connection:
            await connection.execute(sa.select(sa.func.pg_notify(CHANNEL, each)))

    async def _listen(self) -> None:
        """Listen for ever; after each interruption all look, since a nudge is not kept for the absent."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                await self._listen_once()
                pause = 0.0
            except TROUBLE as error:
                log.warning("not listening to PostgreSQL: %s", type(error).__name__)
                pause = min(pause * 2 + 0.1, 5.0)

    async def _listen_once(self) -> None:
        # A connection of its own, since a pooled one forgets its listeners when it is given back.
        dsn = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        ended = asyncio.Event()
        connection = await asyncpg.connect(dsn, timeout=10, server_settings={"application_name": NAME})
        try:
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(CHANNEL, lambda *told: self._heard(str(told[-1])))
            self._connection = connection
            self._hears.set()
            self.resync_all()
            while not await within(self._ask_every, ended):
                # A firewall that forgot the connection tells nobody; only a question finds out.
                async with self._asking:
                    await connection.execute("SELECT 1", timeout=self._patience)
        finally:
            self._connection = None
            with suppress(asyncpg.InterfaceError):
                connection.terminate()

    def _heard(self, told: str) -> None:
        sender, _, topic, payload = told.split("\n", 3)
        if sender != self._own:
            self.ring(topic, payload)


def _topic(told: str) -> str:
    return told.split("\n", 3)[2]
