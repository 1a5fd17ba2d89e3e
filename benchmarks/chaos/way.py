"""A way to a server that can be held (connections stay, nothing comes through) and cut, as networks do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

AT_ONCE = 1 << 16
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[], Awaitable[Ends]]


class Way:
    """On a port of this machine."""

    def __init__(self, dial: Dial) -> None:
        self.port = 0
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

    def cut(self) -> None:
        """All that is open, and what was held in it is gone for good."""
        for pump in self._pumps:
            pump.cancel()
        for end in self._open:
            end.transport.abort()
        self._open.clear()

    async def come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        await self._there.wait()
        try:
            far_reader, far_writer = await self._dial()
        except OSError:
            writer.transport.abort()
            return
        self._open.add(far_writer)
        for source, target, passes in ((reader, far_writer, self._there), (far_reader, writer, self._back)):
            pump = asyncio.create_task(self._pump(source, target, passes))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, passes: asyncio.Event) -> None:
        with suppress(OSError):
            while told := await source.read(AT_ONCE):
                await passes.wait()
                target.write(told)
                await target.drain()
        await passes.wait()  # the end of a connection is held up as well
        target.close()
        self._open.discard(target)

    async def close(self) -> None:
        self.cut()
        await asyncio.gather(*self._pumps, return_exceptions=True)


@asynccontextmanager
async def way_to(dial: Dial) -> AsyncIterator[Way]:
    way = Way(dial)
    server = await asyncio.start_server(way.come, "127.0.0.1", 0)
    way.port = server.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        server.close()
        await way.close()
