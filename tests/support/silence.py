"""A way to PostgreSQL that can fall silent: connections stay, and nothing comes through any more, either way.

Or it swallows notifications alone, as a pooler does that gives each transaction another of its connections.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from storage.engines.address import Address

NOTIFICATION, WHO_SERVES = b"A", b"K"


class Way:
    """Between the product and a PostgreSQL, on a port of this machine."""

    def __init__(self, real: str) -> None:
        self._real = Address.of(real)
        self._open: list[asyncio.StreamWriter] = []
        self._pumps: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self.port = 0
        self.came = 0
        """Connections, so far."""
        self.swallows = False
        self._over = False

    @property
    def url(self) -> str:
        real = self._real
        made = sa.URL.create("postgresql+asyncpg", real.user, None, "127.0.0.1", self.port, real.database)
        return f"{made.render_as_string()}?sslmode=disable"

    def fall_silent(self) -> None:
        self._passes.clear()

    def speak_again(self) -> None:
        """To those who come anew; connections that were silent once stay so, as when a machine was replaced."""
        for task in self._pumps:
            task.cancel()
        self._passes.set()

    async def come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        self._open.append(writer)
        await self._passes.wait()
        if self._over:
            return
        (host, port), *_ = self._real.hosts
        far_reader, far_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        self._open.append(far_writer)
        for work in (self._pump(reader, far_writer), self._pass_on(far_reader, writer)):
            task = asyncio.create_task(work)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while told := await source.read(65536):
            await self._passes.wait()
            target.write(told)
        await self._passes.wait()
        target.close()

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Message by message: a letter, its length, and the rest."""
        try:
            if (answer := await source.readexactly(1)) in b"NS":  # whether TLS is spoken here
                target.write(answer)
                return await self._pump(source, target)
            target.write(answer + await source.readexactly(8))  # who it is may come in
            while True:
                head = await source.readexactly(5)
                rest = await source.readexactly(int.from_bytes(head[1:], "big") - 4)
                await self._passes.wait()
                if self.swallows and head[:1] == WHO_SERVES:  # itself, it says
                    rest = b"\0\0\0\1" + rest[4:]
                if not (self.swallows and head[:1] == NOTIFICATION):
                    target.write(head + rest)
        except asyncio.IncompleteReadError:
            await self._passes.wait()
            target.close()

    async def close(self) -> None:
        self._over = True
        self._passes.set()
        for task in list(self._pumps):
            task.cancel()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._pumps, return_exceptions=True)


@asynccontextmanager
async def way_to(real: str) -> AsyncIterator[Way]:
    way = Way(real)
    server = await asyncio.start_server(way.come, "127.0.0.1", 0)
    way.port = server.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        server.close()
        await way.close()
        await server.wait_closed()
