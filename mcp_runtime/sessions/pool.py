"""Every member's servers: their tools for a turn, and questions to the sessions that are held."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from mcp_runtime.addresses import Reach, Resolve, system_resolve
from mcp_runtime.errors import NotPermitted
from mcp_runtime.oauth.grants import Grant
from mcp_runtime.oauth.keeping import Grants
from mcp_runtime.oauth.registration import Registered
from mcp_runtime.oauth.sign_ins import SignIns
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import SecretStore
from mcp_runtime.sessions.lifetime import sdk
from mcp_runtime.sessions.lifetime.background import BackgroundWork
from mcp_runtime.sessions.looking_through import Caller, Readying, Times
from mcp_runtime.specs import Secrets, ServerSpec, StdioSpec
from mcp_runtime.tools.asking.elicitation import Asker
from mcp_runtime.tools.pins import Offer, Offered
from mcp_runtime.tools.policies.terms import Permits, TermsOf, anything, usual
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.tools.toolsets import Frozen, MemberTools
from mcp_runtime.transports.egress import EgressOf, check, everywhere
from storage.bus.bus import Bus, LocalBus
from storage.database import Database
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.tables import Connection, PinnedTool

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from mcp import Client

    from mcp_runtime.sessions.sessions import Sessions

log = logging.getLogger(__name__)

__all__ = ["MemberTools", "Offer", "Offered", "Pool"]

Told = TypeVar("Told")
NOT_PERMITTED = "{} is not permitted here any more. The call was not made. Do without it, and say so."
NOT_RECORDED = "%d calls and refused hosts are in no record: the database did not answer before the end"
RECORDED_WITHIN = 0.5
RENEWED_WITHIN = 1.0
TOPIC = "connections"
"""Told once one may not be used any more, or not as before."""
LOOK_EVERY = 15.0


class Pool:
    """All times are in seconds. ``elicits``: servers may ask the people who call their tools."""

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
        permits: Permits = anything,
        elicits: bool = False,
        registered: Registered | None = None,
        bus: Bus | None = None,
        egress: EgressOf = everywhere,
    ) -> None:
        """``registered`` is as whom Usher is known where members sign in by OAuth; ``egress`` narrows.

        ``bus`` reaches other processes.
        """
        self.permits = permits
        self._egress = egress
        self.sandbox = sandbox
        """That programs run in."""
        self._db = db
        self._terms = terms
        self._recording, self._ending = BackgroundWork(), BackgroundWork()
        self.sign_ins = SignIns(self._client_for_signing_in, registered)
        self.grants = Grants(db, secrets, self.sign_ins)
        self._connect_timeout = connect_timeout
        self._call_timeout = call_timeout
        self._make_sessions = partial(self._sessions_for, secrets, reach, resolve, elicits, idle_after)
        self._sessions: Sessions | None = None
        self._bus = bus
        times = Times(connect_timeout, call_timeout)
        self._readying = Readying(db, terms, self._permitted, reach, times, self._recording.begin, self._make)

    async def warm(self) -> None:
        """Pay for imports before somebody waits for them."""
        await self._opened()

    async def try_out(
        self, spec: ServerSpec, secrets: Secrets, *, title: str, grant: Grant | None = None, by: Member | None = None
    ) -> Offer:
        """Open, list, close; raises a subclass of `ServerError` that says what is wrong. ``by`` is who pays for it."""
        check(await self._egress(by.workspace if by else ""), spec, title)
        return await (await self._opened()).try_out(spec, secrets, title=title, grant=grant, by=by)

    async def try_changed(self, connection: Connection, spec: ServerSpec) -> Offer:
        """`try_out` with another spec and the secrets that it has: the caller knows that they may go there."""
        await self._mind(connection)
        check(await self._egress(connection.workspace_id), spec, connection.title)
        return await (await self._opened()).try_changed(connection, spec)

    def preparing(self, spec: ServerSpec) -> float | None:
        """For how many seconds what its program needs is being installed by now; None: it is not."""
        return self.sandbox.preparing(spec) if isinstance(spec, StdioSpec) else None

    async def toolset(
        self, member: Member, *, turn_id: str | None = None, asker: Asker | None = None, agent: ForAgent | None = None
    ) -> MemberTools:
        """The member's accepted tools, from the database; nothing is opened until one is called.

        ``agent`` is who will call them, as far as it may; None: the member in person. Raises `NoSuchAgent`.
        """
        return await self._readying.toolset(Caller(member, agent, turn_id, asker))

    async def toolset_of(
        self,
        workspace: str,
        tools: Sequence[Frozen],
        member: Member,
        *,
        turn_id: str | None = None,
        agent: ForAgent | None = None,
    ) -> MemberTools:
        """The tools that a link froze, as far as they are still what they were then, and its agent may call them."""
        if member.workspace != workspace:
            raise ValueError("a member of another workspace")
        return await self._readying.toolset_of(Caller(member, agent, turn_id), tools)

    async def listing(self, connection: Connection) -> Offer:
        """What the server offers now, through the session that is held; raises `ServerError`."""
        await self._mind(connection)
        return await (await self._opened()).listing(connection)

    async def ask(self, connection: Connection, question: "Callable[[Client], Awaitable[Told]]") -> Told:
        """Something else than a tool's call, of the session that is held; raises `ServerError`."""
        await self._mind(connection)
        return await (await self._opened()).ask(connection, question, self._call_timeout)

    async def ask_and_hear(
        self, connection: Connection, question: "Callable[[Client], Awaitable[Told]]"
    ) -> tuple[Told, asyncio.Event]:
        """`ask`, and what is set once the server says that resources or prompts have changed since."""
        await self._mind(connection)
        return await (await self._opened()).ask_and_hear(connection, question, self._call_timeout)

    async def forget(self, connection_id: str) -> None:
        """Close its session now, here and in other processes; it is not waited for by anybody else."""
        if self._bus is not None:
            await self._bus.tell(TOPIC)
        if self._sessions is not None:
            await self._sessions.forget(connection_id)

    async def follow(self, every: float = LOOK_EVERY) -> None:
        """Until cancelled: what another process has ended ends here, also where its nudge was lost."""
        with (self._bus or LocalBus()).follow(TOPIC) as bell:
            while True:
                await bell.wait(every)
                bell.take()
                if self._sessions is not None:
                    await self._sessions.look()

    async def close(self) -> None:
        sessions = self._sessions
        held = [sessions.close()] if sessions else []
        await asyncio.gather(*held, self._ending.over(), self.grants.close(RENEWED_WITHIN), self.sandbox.close())
        if sessions:
            await sessions.let_go()
        if late := await self._recording.over(RECORDED_WITHIN):
            log.error(NOT_RECORDED, late)

    async def _permitted(self, connection: Connection) -> str:
        return await self.permits(connection)

    async def _mind(self, connection: Connection) -> None:
        """Raises `NotPermitted`; what runs of it then runs no longer."""
        if why := await self.permits(connection):
            self._ending.begin(self.forget(connection.id))
            raise NotPermitted(connection.title, why)

    async def _make(
        self, connection: Connection, row: PinnedTool, arguments: dict[str, Any], *, asker: Asker | None
    ) -> ToolResult:
        try:
            await self._mind(connection)  # asked again, for a turn may be long
        except NotPermitted:
            return ToolResult(error=NOT_PERMITTED.format(connection.title), refused="card")
        seconds = self._terms(connection).seconds or self._call_timeout
        return await (await self._opened()).call(connection, row, arguments, seconds, asker)

    async def _opened(self) -> "Sessions":
        """With all that they need, imported."""
        if self._sessions is None:
            await sdk.imported()
            self._sessions = self._sessions or self._make_sessions()
        return self._sessions

    def _sessions_for(
        self, secrets: SecretStore, reach: Reach, resolve: Resolve, elicits: bool, idle_after: float
    ) -> "Sessions":
        from mcp_runtime.sessions.dialling import Dialler
        from mcp_runtime.sessions.opening import Opening
        from mcp_runtime.sessions.sessions import Sessions

        dialler = Dialler(reach, self.sandbox, resolve, elicits)
        seconds, later = self._call_timeout, self._recording.begin
        opening = Opening(self._db, secrets, dialler, self.grants, seconds, later, self._permitted)
        return Sessions(self._db, dialler, opening, self._ending, self._connect_timeout, idle_after)

    @asynccontextmanager
    async def _client_for_signing_in(self, workspace: str) -> "AsyncIterator[AsyncClient]":
        egress = await self._egress(workspace)
        async with (await self._opened()).client_for_signing_in(egress) as client:
            yield client
