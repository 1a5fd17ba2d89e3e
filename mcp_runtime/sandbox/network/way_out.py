"""Serves the listeners of one sandbox: a proxy for HTTP, and passes to one host and port each."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from mcp_runtime.addresses import Reach, Refused, Resolve
from mcp_runtime.sandbox.network.destinations import Destinations
from mcp_runtime.sandbox.network.dial import Streams, dial
from mcp_runtime.sandbox.network.proxy_requests import BadRequest, parse

LONGEST_HEAD, HEAD_WITHIN = 16 * 1024, 10.0
AT_ONCE = 64
"""Connections of one sandbox; without a bound its processes could use up the descriptors of ours."""
TAKEN_WITHIN = 10.0
NOT_LISTED = "it is not on the list of hosts for this program"

Converse = Callable[[Streams], Awaitable[None]]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """A host that was asked for, and why it was not reached; ``refusal`` is for the log, never for the program."""

    host: str
    port: int
    refusal: str | None = None
    reached: bool = True


class WayOut:
    """Given to one sandbox when it starts; ``told`` hears of every host that was asked for."""

    def __init__(
        self, allowed: Destinations, reach: Reach, resolve: Resolve, told: Callable[[Verdict], None] = lambda _: None
    ) -> None:
        self._allowed = allowed
        self._reach = reach
        self._resolve = resolve
        self._told = told
        self._open: set[asyncio.Task[None]] = set()
        self._over = False

    async def serve(self, control: socket.socket) -> None:
        """Until cancelled; raises OSError or TimeoutError when the sandbox hands out no listeners.

        The first listener is the proxy's, when there is one; then that of each pass, in the order they are listed.
        """
        kinds: list[Converse] = [self._proxied] if self._allowed.web else []
        kinds += [partial(self._passed, host, port) for host, port in self._allowed.passes]
        listeners: list[socket.socket] = []
        servers: list[asyncio.Server] = []
        try:
            with control:
                listeners += await taken(control, len(kinds))
                for listener, converse in zip(listeners, kinds, strict=True):
                    accept = partial(self._accept, converse)
                    # Begun only once it is known: what is cancelled while it begins would listen for ever.
                    server = await asyncio.start_server(accept, sock=listener, limit=LONGEST_HEAD, start_serving=False)
                    servers.append(server)
                    await server.start_serving()
                control.send(b"k")
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            self._over = True
            for server in servers:
                server.close()
            for listener in listeners:
                listener.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, converse: Converse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._over or len(self._open) >= AT_ONCE:
            writer.transport.abort()
            return
        task = asyncio.create_task(_until_it_breaks(converse, (reader, writer)))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _passed(self, host: str, port: int, near: Streams) -> None:
        with suppress(Refused):  # the program sees a connection that is closed at once
            await tunnel(near, await self._dial(host, port, any_port=True))

    async def _proxied(self, near: Streams) -> None:
        reader, writer = near
        try:
            async with asyncio.timeout(HEAD_WITHIN):
                request = parse(await reader.readuntil(b"\r\n\r\n"))
            if not self._allowed.may_ask(request.host, request.port):
                self._told(Verdict(request.host, request.port, NOT_LISTED, reached=False))
                raise Refused(NOT_LISTED)
            far = await self._dial(request.host, request.port)
        except (BadRequest, asyncio.LimitOverrunError):
            return await answer(writer, "400 Bad Request", "not a request to a proxy")
        except Refused:  # without its reason, which may tell what a name of ours resolves to
            return await answer(writer, "403 Forbidden", "this host is not allowed")
        except (OSError, TimeoutError):
            return await answer(writer, "502 Bad Gateway", "the host cannot be reached")
        if request.method == "CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            far[1].write(request.forwarded())
        await tunnel(near, far)

    async def _dial(self, host: str, port: int, *, any_port: bool = False) -> Streams:
        try:
            far = await dial(host, port, self._reach, self._resolve, any_port=any_port)
        except Refused as exc:
            self._told(Verdict(host, port, str(exc), reached=False))
            raise
        except (OSError, TimeoutError):
            self._told(Verdict(host, port, reached=False))
            raise
        self._told(Verdict(host, port))
        return far


async def taken(control: socket.socket, number: int) -> list[socket.socket]:
    """The listeners that the launcher sends; OSError when it does not."""
    control.setblocking(False)
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(control, readable.set)
    try:
        async with asyncio.timeout(TAKEN_WITHIN):
            await readable.wait()
    finally:
        loop.remove_reader(control)
    _, received, _, _ = socket.recv_fds(control, 16, number)
    listeners = [socket.socket(fileno=each) for each in received]
    if len(listeners) != number:
        for each in listeners:
            each.close()
        raise OSError("the sandbox ended before it had a way out")
    for each in listeners:
        each.setblocking(False)
    return listeners


async def answer(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(text)}\r\n\r\n"
    writer.write(f"{head}{text}".encode())
    await writer.drain()


async def tunnel(near: Streams, far: Streams) -> None:
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_pump(near[0], far[1]))
            both.create_task(_pump(far[0], near[1]))
        far[1].close()
    finally:
        if not far[1].is_closing():
            far[1].transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()


async def _until_it_breaks(converse: Converse, near: Streams) -> None:
    try:
        await converse(near)
        near[1].close()  # once all is sent
    except* (OSError, TimeoutError, asyncio.IncompleteReadError):
        log.debug("a connection out of a sandbox broke off")
    finally:
        if not near[1].is_closing():
            near[1].transport.abort()
