"""The bus between processes that share a PostgreSQL: LISTEN and NOTIFY.

Some ways to a database carry no notification, and say so by nothing: a pooler that gives each transaction another of
its connections, a firewall that forgot one. So it sends itself a nudge, at its start and now and then, the way that
others would. While none comes back it is deaf: a plain warning, and all who follow look by themselves now and then.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.bus.topics import LocalBus, check, within
from storage.engines.address import Address
from storage.engines.engine import TROUBLE
from storage.engines.plain_text import plain
from storage.engines.postgres import Connection, connect
from storage.schema import new_id
from storage.tables import Event

CHANNEL = "usher"
NAME = "usher bus"
NOTIFY = "SELECT pg_notify($1, each) FROM unnest($2::text[]) AS each"
AGAIN_AFTER = 2.0
"""Seconds until what could not be sent is sent again; sooner, when there is more."""
MOST_KEPT = 10_000
OWN = "(do I hear?)"
"""The topic of a nudge to oneself; nobody follows it."""
LAST_WORDS = 0.5
"""Seconds, at the end, for what was not told yet."""
DEAF = (
    "PostgreSQL's notifications do not arrive (%s): other processes' news is looked for every %g s instead. Behind a "
    "pooler such as PgBouncer, DATABASE_LISTEN_URL names the way past it."
)
log = logging.getLogger(__name__)


class PostgresBus(LocalBus):
    """Rings here at once, and in other processes by one NOTIFY for all that was told meanwhile.

    ``listen`` is the way past a pooler. Every ``ask_every`` seconds it asks whether it still hears, with so many
    seconds of ``patience``; while it does not, all look every ``look_every`` seconds.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        listen: Address | None = None,
        *,
        ask_every: float = 30.0,
        patience: float = 5.0,
        look_every: float = 2.0,
    ) -> None:
        super().__init__()
        self._engine = engine
        self._address = listen or Address.of(engine.url)
        self._ask_every = ask_every
        self._patience = patience
        self._look_every = look_every
        self._own = new_id()
        self._numbers = count()
        self._unsent: list[str] = []
        self._has_unsent = asyncio.Event()
        self._tried = asyncio.Event()
        """Whether it hears is known."""
        self._came_back = asyncio.Event()
        self._hears = asyncio.Event()
        self._told_deaf = False
        self._connection: Connection | None = None
        """On which it listens."""
        self._asking = asyncio.Lock()
        """A connection answers one question at a time."""

    @property
    def hears(self) -> bool:
        return self._hears.is_set()

    async def tell(self, topic: str, payload: str = "", rows: Sequence[Event] = ()) -> None:
        payload = plain(payload)
        check(topic, payload)
        self.ring(topic, payload, rows)
        self._unsent.append(self._numbered(topic, payload))
        self._has_unsent.set()

    def _numbered(self, topic: str, payload: str = "") -> str:
        """Since PostgreSQL drops what is told twice in one transaction."""
        return f"{self._own}\n{next(self._numbers)}\n{topic}\n{payload}"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["PostgresBus"]:
        """The bus, from when it hears everything, or is known to be deaf, until the block ends."""
        work = (self._listen(), self._send_on(), self._look_on())
        tasks = [asyncio.create_task(each, name="bus") for each in work]
        try:
            await self._tried.wait()
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
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
        except asyncio.CancelledError:
            self._keep(unsent)  # at the end: told twice does no harm
            raise

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
        await self._notify_by_pool(told)

    async def _notify_by_pool(self, told: list[str]) -> None:
        each = sa.func.unnest(sa.bindparam("told", told, postgresql.ARRAY(sa.Text()))).column_valued("each")
        async with self._engine.begin() as connection:
            await connection.execute(sa.select(sa.func.pg_notify(CHANNEL, each)))

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(self._look_every)
            if not self.hears:
                self.resync_all()

    async def _listen(self) -> None:
        """Listen for ever; after each interruption all look, since a nudge is not kept for the absent."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                await self._listen_once()
                pause = 0.0
            except TROUBLE as error:
                self._deaf(type(error).__name__)
                pause = min(pause * 2 + 0.1, 5.0)

    async def _listen_once(self) -> None:
        # A connection of its own, since a pooled one forgets its listeners when it is given back.
        ended = asyncio.Event()
        connection = await connect(self._address, name=NAME)
        try:
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(CHANNEL, lambda *told: self._heard(str(told[-1])))
            self._connection = connection
            await self._ask(connection)
            self.resync_all()
            while not await within(self._ask_every, ended):
                await self._ask(connection)
        finally:
            self._connection = None
            connection.terminate()
        self._deaf("the connection ended")

    async def _ask(self, connection: Connection) -> None:
        """Raises what shows that the connection is gone: a firewall that forgot one tells nobody."""
        self._came_back.clear()
        asked = True
        try:
            # By the pool: what is told on a connection may come back on it also where no other's would.
            await self._notify_by_pool([self._numbered(OWN)])
        except TROUBLE:  # too busy to be asked, perhaps: that says nothing of what is heard
            asked = False
        if asked and await within(self._patience, self._came_back):
            self._heard_well()
            return
        async with self._asking:
            await connection.execute("SELECT 1", timeout=self._patience)
        if asked or not self._tried.is_set():
            self._deaf("it answers, and passes none on")

    def _heard_well(self) -> None:
        if self._told_deaf:
            log.info("PostgreSQL's notifications arrive again")
        self._told_deaf = False
        self._hears.set()
        self._tried.set()

    def _deaf(self, why: str) -> None:
        self._hears.clear()
        self._tried.set()
        if not self._told_deaf:
            self._told_deaf = True
            log.warning(DEAF, why, self._look_every)

    def _heard(self, told: str) -> None:
        sender, _, topic, payload = told.split("\n", 3)
        if sender != self._own:
            self.ring(topic, payload)
        elif topic == OWN:
            self._came_back.set()


def _topic(told: str) -> str:
    return told.split("\n", 3)[2]
