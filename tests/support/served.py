"""An ASGI application served on a real socket, in the test's own loop, and gone at once when the test is done.

uvicorn's own way out looks up every tenth of a second and waits for open streams: more than most tests take.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


def free_socket(port: int = 0) -> socket.socket:
    """Bound and listening, so that a client may connect before the server's first turn of the loop."""
    # With the protocol left at 0, asyncio does not set TCP_NODELAY and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


@asynccontextmanager
async def asgi(app: Any, listening: socket.socket) -> AsyncIterator[None]:
    """Requests that still run at the end are cancelled; the application's lifespan ends in peace."""
    config = uvicorn.Config(app, log_level="critical", lifespan="on", ws="none")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    await server.on_tick(0)  # sets the headers that every answer has
    try:
        yield
    finally:
        for each in server.servers:
            each.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        running = list(server.server_state.tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.lifespan.shutdown()
