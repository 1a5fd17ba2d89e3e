"""From a spec and a secret to an open MCP session, over either transport."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

import anyio
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client

from mcp_runtime.addresses import Reach
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.specs import HttpSpec, Secrets, ServerSpec, StdioSpec
from mcp_runtime.transports.diagnosis import Diagnosis
from mcp_runtime.transports.http import Resolve, guarded_client, system_resolve
from mcp_runtime.transports.mending.bodies import MAX_EVENT
from mcp_runtime.transports.mending.oddities import Oddities
from mcp_runtime.transports.older_sse import speaks_older_sse
from mcp_runtime.transports.stdio import BoundedStdio
from mcp_runtime.transports.tolerant_answers import TolerantAnswers
from mcp_runtime.transports.watched_streams import Transport, Watched


@dataclass
class Session:
    """``ended`` is set when the peer has gone; ``said_changed``: it told us that its tools have changed."""

    client: Client
    ended: anyio.Event
    answers: TolerantAnswers
    said_changed: bool = False


@dataclass(frozen=True)
class Dialler:
    """What an operator allows: addresses to dial, and how programs run."""

    reach: Reach
    sandbox: Sandbox
    resolve: Resolve = system_resolve

    @asynccontextmanager
    async def session(
        self, spec: ServerSpec, secrets: Secrets, diagnosis: Diagnosis, *, server: str, call_timeout: float
    ) -> AsyncIterator[Session]:
        """Enter and leave it in one task. What goes wrong is explained by ``diagnosis``, or raised as it is known."""
        diagnosis.token_sent, diagnosis.stdio = bool(secrets), isinstance(spec, StdioSpec)
        oddities = Oddities()
        transport = (
            self._http(spec, secrets, diagnosis, oddities)
            if isinstance(spec, HttpSpec)
            else self._stdio(spec, secrets, diagnosis, server=server)
        )
        try:
            async with session_over(transport, call_timeout, oddities) as session:
                oddities.opened = True
                yield session
        except Exception:
            if (known := oddities.error(server)) is not None:
                raise known from None
            raise

    @asynccontextmanager
    async def _http(
        self, spec: HttpSpec, secrets: Secrets, diagnosis: Diagnosis, oddities: Oddities
    ) -> AsyncIterator[tuple[object, object]]:
        headers = spec.with_secrets(secrets)
        guarded = guarded_client(self.reach, diagnosis, headers=headers, resolve=self.resolve, oddities=oddities)
        try:
            async with (
                guarded as http,
                streamable_http_client(spec.url, http_client=http, max_sse_event_size=MAX_EVENT) as streams,
            ):
                yield streams
        except Exception:
            if oddities.unexplained:  # a client of its own, since what it meets is not to be diagnosed
                async with guarded_client(self.reach, Diagnosis(), headers=headers, resolve=self.resolve) as http:
                    oddities.older_sse = await speaks_older_sse(http, spec.url)
            raise

    @asynccontextmanager
    async def _stdio(
        self, spec: StdioSpec, secrets: Secrets, diagnosis: Diagnosis, *, server: str
    ) -> AsyncIterator[tuple[object, object]]:
        given, sandbox, reach, resolve = spec.with_secrets(secrets), self.sandbox, self.reach, self.resolve
        transport = BoundedStdio(await sandbox.launcher(spec, given, server=server, reach=reach, resolve=resolve))
        try:
            async with transport as streams:
                diagnosis.pid = transport.pid
                yield streams
        finally:
            diagnosis.why_ended = transport.why or ""
            if PROGRAMS[spec.program].says_why:
                diagnosis.exit_code = transport.exit_code


@asynccontextmanager
async def session_over(transport: Transport, call_timeout: float, oddities: Oddities) -> AsyncIterator[Session]:
    watched = Watched(transport)
    answers = TolerantAnswers(watched, oddities)
    ours = types.Implementation(name="usher", version=version("usher"))
    session: Session | None = None

    async def heed(message: object) -> None:
        if session is not None and isinstance(message, types.ToolListChangedNotification):
            session.said_changed = True

    client = Client(answers, read_timeout_seconds=call_timeout, client_info=ours, message_handler=heed)
    async with client:
        client.session.validate_tool_result = _unchecked  # type: ignore[method-assign]
        session = Session(client, watched.ended, answers)
        yield session


async def _unchecked(name: str, result: types.CallToolResult) -> None:
    """Instead of the SDK's check of a result by the server's own schema.

    The call has been made, so a misfit is a remark for the model and no failure; and a schema of a stranger, with
    patterns that backtrack for hours or references that double at each step, would stop everybody's event loop.
    """
