"""A server of streams that no connection outlives: asyncio's own leaves open what the system accepted for it last."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

TURNS = 5
"""Of the loop, within which comes who was accepted before the server closed."""
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class _Known(asyncio.StreamReaderProtocol):
    """Of those who came, by its ``transports``; ``serving`` are the tasks that serve them."""

    def __init__(self, serve: Serve, transports: set[asyncio.Transport], serving: set[asyncio.Task[None]]) -> None:
        def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(serve(reader, writer))
            serving.add(task)
            task.add_done_callback(serving.discard)

        super().__init__(asyncio.StreamReader(), served)
        self._transports = transports

    def connection_made(self, transport: Any) -> None:
        self._mine = transport
        self._transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transports.discard(self._mine)
        super().connection_lost(exc)


@asynccontextmanager
async def accepting(
    serve: Serve, address: str = "127.0.0.1", *, listener: socket.socket | None = None
) -> AsyncIterator[int]:
    """The port, on ``address`` or of a ``listener``; at the end all are cut off, and who serves them is cancelled."""
    transports: set[asyncio.Transport] = set()
    serving: set[asyncio.Task[None]] = set()
    where: dict[str, Any] = {"sock": listener} if listener else {"host": address, "port": 0}
    server = await asyncio.get_running_loop().create_server(lambda: _Known(serve, transports, serving), **where)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await _turns()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        for transport in transports:
            transport.abort()
        await _turns()


async def _turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
