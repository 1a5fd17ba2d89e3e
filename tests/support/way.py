"""A way to a server that can fall silent (connections stay, nothing comes through) and be cut, as networks do.

The one to PostgreSQL may also swallow notifications alone, as a pooler does that gives each transaction another of its
connections.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import sqlalchemy as sa

from storage.engines.address import Address
from tests.support.accepting import accepting

AT_ONCE = 1 << 16
NOTIFICATION, WHO_SERVES = b"A", b"K"
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[], Awaitable[Ends]]


class Way:
    """On a port of this machine."""

    def __init__(self, dial: Dial) -> None:
        self.port = 0
        self.came = 0
        """Connections, so far."""
        self._dial = dial
        self._there, self._back = asyncio.Event(), asyncio.Event()
        self.let_go()
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    def hold(self) -> None:
        self._there.clear()
        self._back.clear()

    def hold_answers(self) -> None:
        """What is asked happens all the same."""
        self._back.clear()

    def let_go(self) -> None:
        """What was held arrives now, however late."""
        self._there.set()
        self._back.set()

    def let_others_go(self) -> None:
        """Those who come anew; connections that are open stay silent for good, as when a machine was replaced."""
        for pump in self._pumps:
            pump.cancel()
        self.let_go()

    def cut(self) -> None:
        """All that is open, and what was held in it is gone for good."""
        for pump in self._pumps:
            pump.cancel()
        for end in self._open:
            end.transport.abort()
        self._open.clear()

    async def come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        self._open.add(writer)
        await self._there.wait()
        if writer.is_closing():  # cut meanwhile
            return
        try:
            far_reader, far_writer = await self._dial()
        except OSError:
            writer.transport.abort()
            return
        self._open.add(far_writer)
        for work in (self._ask(reader, far_writer), self._answer(far_reader, writer)):
            pump = asyncio.create_task(work)
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _ask(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        await self._pump(source, target, self._there)

    async def _answer(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        await self._pump(source, target, self._back)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, passes: asyncio.Event) -> None:
        with suppress(OSError):
            while told := await source.read(AT_ONCE):
                await passes.wait()
                target.write(told)
                await target.drain()
        await self._end(target, passes)

    async def _end(self, target: asyncio.StreamWriter, passes: asyncio.Event) -> None:
        """The end of a connection is held up as well."""
        await passes.wait()
        target.close()
        self._open.discard(target)

    async def close(self) -> None:
        self.cut()
        self.let_go()
        await asyncio.gather(*self._pumps, return_exceptions=True)


class PostgresWay(Way):
    """To the one that a ``real`` URL names."""

    def __init__(self, real: str) -> None:
        self._real = Address.of(real)
        (host, port), *_ = self._real.hosts
        super().__init__(lambda: asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}"))
        self.swallows = False

    @property
    def url(self) -> str:
        real = self._real
        made = sa.URL.create("postgresql+asyncpg", real.user, None, "127.0.0.1", self.port, real.database)
        return f"{made.render_as_string()}?sslmode=disable"

    async def _answer(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Message by message: a letter, its length, and the rest."""
        with suppress(asyncio.IncompleteReadError, OSError):
            letter = await source.readexactly(1)
            if letter in b"NS":  # whether TLS is spoken here
                target.write(letter)
                return await super()._answer(source, target)
            while True:
                length = await source.readexactly(4)
                rest = await source.readexactly(int.from_bytes(length) - 4)
                await self._back.wait()
                if self.swallows and letter == WHO_SERVES:  # itself, it says
                    rest = b"\0\0\0\1" + rest[4:]
                if not (self.swallows and letter == NOTIFICATION):
                    target.write(letter + length + rest)
                    await target.drain()
                letter = await source.readexactly(1)
        await self._end(target, self._back)


Opened = TypeVar("Opened", bound=Way)


@asynccontextmanager
async def opened(way: Opened) -> AsyncIterator[Opened]:
    async with accepting(way.come) as way.port:
        try:
            yield way
        finally:
            await way.close()
