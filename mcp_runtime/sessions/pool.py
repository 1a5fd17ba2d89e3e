"""Every member's servers: opened when needed, held while used, one for each connection and its credential."""

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Any

from mcp_runtime.addresses import Reach
from mcp_runtime.errors import ConnectFailed
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import CannotOpen, SecretStore
from mcp_runtime.sessions.background import BackgroundWork
from mcp_runtime.sessions.calls import made
from mcp_runtime.sessions.dialling import Dialler, Session
from mcp_runtime.sessions.handshake import Handshake, asked
from mcp_runtime.sessions.pooled_session import PooledSession
from mcp_runtime.sessions.session_owner import Greet, SessionOwner
from mcp_runtime.specs import HttpSpec, Secrets, ServerSpec, from_json
from mcp_runtime.tools.pins import Offer, Offered
from mcp_runtime.tools.policies import Bounded, Checked, Permitted, Recorded
from mcp_runtime.tools.policies.terms import TermsOf, usual
from mcp_runtime.tools.states import said, states
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.tools.toolsets import ConnectedTools, Frozen, MemberTools, Route, frozen_routes, routes
from mcp_runtime.transports.diagnosis import Diagnosis
from mcp_runtime.transports.http import Resolve, system_resolve
from storage.database import Database
from storage.members import Member
from storage.tables import Connection, PinnedTool

log = logging.getLogger(__name__)

__all__ = ["MemberTools", "Offer", "Offered", "Pool"]

UNREADABLE = "its token can no longer be read here, as its key has changed: connect it again"
RECORDED_WITHIN = 0.5
HTTP_STAYS = 12
"""Times as long as a program: a session over HTTP costs next to nothing."""


class Pool:
    """All times are in seconds."""

    def __init__(
        self,
        db: Database,
        secrets: SecretStore,
        *,
        reach: Reach,
        sandbox: Sandbox,
        connect_timeout: float = 20.0,
        call_timeout: float = 30.0,
        idle_after: float = 300.0,
        resolve: Resolve = system_resolve,
        terms: TermsOf = usual,
    ) -> None:
        self._db = db
        self._reach = reach
        self._terms = terms
        self._secrets = secrets
        self._dialler = Dialler(reach, sandbox, resolve)
        self._connect_timeout = connect_timeout
        self._call_timeout = call_timeout
        self._idle_after = idle_after
        self._held: dict[str, PooledSession] = {}
        # Fifty programs that start at once on two cores take ten times as long, each.
        self._starting = asyncio.Semaphore(max(2, os.cpu_count() or 1))
        self._ending = BackgroundWork()
        self._recording = BackgroundWork()

    async def try_out(self, spec: ServerSpec, secrets: Secrets, *, title: str) -> Offer:
        """Open, list, close; raises a subclass of `ServerError` that says what is wrong."""
        offers: list[Offer] = []

        async def ask(session: Session) -> None:
            offers.append(await asked(session))

        async def open_session(diagnosis: Diagnosis) -> AbstractAsyncContextManager[Session]:
            return self._session(spec, secrets, diagnosis, title)

        live = self._live(title, spec, open_session, ask)
        try:
            await live.use(_nothing)
            return offers[-1]
        finally:
            self._ending.begin(live.close())

    async def toolset(self, member: Member, *, turn_id: str | None = None) -> MemberTools:
        """The member's accepted tools, from the database; nothing is opened until one is called."""
        connections, rows = await self._pinned(member)
        inner = self._with_policies(member, routes(connections, rows), turn_id)
        return MemberTools(inner, states(connections, rows), said(connections))

    async def toolset_of(
        self, workspace: str, tools: Sequence[Frozen], member: Member, *, turn_id: str | None = None
    ) -> MemberTools:
        """The tools that a link froze, as far as they are still what they were then."""
        if member.workspace != workspace:
            raise ValueError("a member of another workspace")
        connections, rows = await self._pinned(member) if tools else ([], [])
        return MemberTools(self._with_policies(member, frozen_routes(routes(connections, rows), tools), turn_id))

    async def listing(self, connection: Connection) -> Offer:
        """What the server offers now, through the session that is held; raises `ServerError`."""
        return await self._hold(connection).listing()

    async def forget(self, connection_id: str) -> None:
        """Close its session now; it is not waited for by anybody else."""
        if (held := self._held.pop(connection_id, None)) is not None:
            await held.live.close()

    async def close(self) -> None:
        held, self._held = list(self._held.values()), {}
        await asyncio.gather(*(each.live.close() for each in held), self._ending.over())
        if late := await self._recording.over(RECORDED_WITHIN):
            log.error("%d calls were not recorded, as the database did not answer before the end", late)

    async def _pinned(self, member: Member) -> tuple[list[Connection], list[PinnedTool]]:
        async with self._db.read() as tables:
            connections = await tables.connections.of(member.workspace, member.id)
            ids = [each.id for each in connections]
            return connections, await tables.tools.of_many(member.workspace, ids) if ids else []

    def _with_policies(self, member: Member, found: Iterable[Route], turn_id: str | None) -> Recorded:
        found = list(found)
        connections = {route.tool.name: route.connection for route in found}
        times = {name: self._patience(self._terms(each).seconds) for name, each in connections.items()}
        bounded = Bounded(ConnectedTools(found, self._make), self._patience(None), times)
        checked = Checked(bounded, connections, self._terms, self._reach)
        permitted = Permitted(checked, self._db, member)
        return Recorded(permitted, self._db, member, self._recording.begin, turn_id)

    def _patience(self, seconds: float | None) -> float:
        """With a call, its server may have to be started, and to wait its turn."""
        return self._connect_timeout + 2 * (seconds or self._call_timeout)

    async def _make(self, connection: Connection, row: PinnedTool, arguments: dict[str, Any]) -> ToolResult:
        seconds = self._terms(connection).seconds or self._call_timeout
        return await made(self._hold(connection), row, arguments, seconds)

    def _hold(self, connection: Connection) -> PooledSession:
        """The one session of this connection; a newer credential ends the one of the older."""
        held = self._held.get(connection.id)
        if held is not None and held.connection.version >= connection.version:
            held.looked_up(connection)
            return held
        spec, greeter = from_json(connection.spec), Handshake(self._db, connection)
        opening = partial(self._open, connection, spec)
        live = self._live(connection.title, spec, opening, greeter.greet, predecessor=held.live if held else None)
        if held is not None:
            self._ending.begin(held.live.close())
        self._held[connection.id] = PooledSession(self._db, connection, live, greeter, self._connect_timeout)
        return self._held[connection.id]

    def _live(
        self,
        title: str,
        spec: ServerSpec,
        opening: Any,
        greet: Greet,
        predecessor: SessionOwner | None = None,
    ) -> SessionOwner:
        over_http = isinstance(spec, HttpSpec)
        return SessionOwner(
            title,
            opening,
            greet,
            nullcontext() if over_http else self._starting,
            connect_timeout=self._connect_timeout,
            idle_after=self._idle_after * (HTTP_STAYS if over_http else 1),
            predecessor=predecessor,
        )

    async def _open(
        self, connection: Connection, spec: ServerSpec, diagnosis: Diagnosis
    ) -> AbstractAsyncContextManager[Session]:
        try:
            secrets = await self._secrets_of(connection, spec)
        except CannotOpen:
            raise ConnectFailed(connection.title, UNREADABLE) from None
        return self._session(spec, secrets, diagnosis, connection.title)

    async def _secrets_of(self, connection: Connection, spec: ServerSpec) -> Secrets:
        member = Member(connection.workspace_id, connection.member_id)
        async with self._db.read() as tables:
            found = [
                (field, await self._secrets.get(tables, member, connection.id, field)) for field in spec.secret_fields
            ]
        return {field: secret for field, secret in found if secret is not None}

    def _session(
        self, spec: ServerSpec, secrets: Secrets, diagnosis: Diagnosis, title: str
    ) -> AbstractAsyncContextManager[Session]:
        return self._dialler.session(spec, secrets, diagnosis, server=title, call_timeout=self._call_timeout)


async def _nothing(session: Session) -> None:
    """To have a session is all that is asked."""
