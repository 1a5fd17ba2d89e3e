"""From a spec and a secret to an open MCP session, over either transport."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

import anyio
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client

from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.specs import HttpSpec, ServerSpec, StdioSpec
from mcp_runtime.transports.diagnosis import Diagnosis
from mcp_runtime.transports.http import Resolve, guarded_client, system_resolve
from mcp_runtime.transports.stdio import BoundedStdio
from mcp_runtime.transports.tolerant_listing import TolerantTools
from mcp_runtime.transports.watched_streams import Transport, Watched

MAX_EVENT = 8 << 20


@dataclass
class Session:
    """``ended`` is set when the peer has gone; ``said_changed``: it told us that its tools have changed."""

    client: Client
    ended: anyio.Event
    said_changed: bool = False


@dataclass(frozen=True)
class Dialler:
    """What an operator allows: addresses to dial, and how programs run."""

    reach: Reach
    sandbox: Sandbox
    resolve: Resolve = system_resolve

    def session(
        self, spec: ServerSpec, secret: str | None, diagnosis: Diagnosis, *, server: str, call_timeout: float
    ) -> AbstractAsyncContextManager[Session]:
        """Enter and leave it in one task. What goes wrong is explained by ``clues``."""
        diagnosis.token_sent, diagnosis.stdio = secret is not None, isinstance(spec, StdioSpec)
        transport = (
            self._http(spec, secret, diagnosis)
            if isinstance(spec, HttpSpec)
            else self._stdio(spec, secret, diagnosis, server=server)
        )
        return session_over(transport, call_timeout)

    @asynccontextmanager
    async def _http(
        self, spec: HttpSpec, secret: str | None, diagnosis: Diagnosis
    ) -> AsyncIterator[tuple[object, object]]:
        bearer = {"authorization": f"Bearer {secret}"} if secret is not None else {}
        async with (
            guarded_client(self.reach, diagnosis, headers=dict(spec.headers) | bearer, resolve=self.resolve) as http,
            streamable_http_client(spec.url, http_client=http, max_sse_event_size=MAX_EVENT) as streams,
        ):
            yield streams

    @asynccontextmanager
    async def _stdio(
        self, spec: StdioSpec, secret: str | None, diagnosis: Diagnosis, *, server: str
    ) -> AsyncIterator[tuple[object, object]]:
        given = {spec.secret_variable: secret} if spec.secret_variable and secret is not None else {}
        transport = BoundedStdio(await self.sandbox.launcher(spec.program, given, server=server), spec.arguments)
        try:
            async with transport as streams:
                diagnosis.pid = transport.pid
                yield streams
        finally:
            diagnosis.why_ended = transport.why or ""


@asynccontextmanager
async def session_over(transport: Transport, call_timeout: float) -> AsyncIterator[Session]:
    watched = Watched(transport)
    ours = types.Implementation(name="usher", version=version("usher"))
    session: Session | None = None

    async def heed(message: object) -> None:
        if session is not None and isinstance(message, types.ToolListChangedNotification):
            session.said_changed = True

    client = Client(TolerantTools(watched), read_timeout_seconds=call_timeout, client_info=ours, message_handler=heed)
    async with client:
        session = Session(client, watched.ended)
        yield session
