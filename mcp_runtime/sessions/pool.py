"""Every member's servers: opened when needed, held while used, one for each connection and its credential."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from mcp import Client

from mcp_runtime import steps
from mcp_runtime.addresses import Reach, Resolve, system_resolve
from mcp_runtime.errors import NotPermitted
from mcp_runtime.oauth.grants import Grant
from mcp_runtime.oauth.registration import Registered
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.secrets import SecretStore
from mcp_runtime.sessions.calls import made
from mcp_runtime.sessions.dialling import Dialler
from mcp_runtime.sessions.handshake import Handshake, asked
from mcp_runtime.sessions.lifetime.background import BackgroundWork
from mcp_runtime.sessions.lifetime.owners import Owners
from mcp_runtime.sessions.lifetime.slots import OF_MEMBER, Slots
from mcp_runtime.sessions.looking_through import Caller, Readying, Times
from mcp_runtime.sessions.opening import Opened, Opening
from mcp_runtime.sessions.pooled_session import PooledSession, Told
from mcp_runtime.sessions.session import Session
from mcp_runtime.sessions.speaks import UNKNOWN
from mcp_runtime.specs import Secrets, ServerSpec, StdioSpec, from_json
from mcp_runtime.steps import Step
from mcp_runtime.tools.asking.elicitation import Asker
from mcp_runtime.tools.pins import Offer, Offered
from mcp_runtime.tools.policies.terms import Permits, TermsOf, anything, usual
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.tools.toolsets import Frozen, MemberTools
from mcp_runtime.transports.diagnosis import Diagnosis
from storage.database import Database
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.tables import Connection, PinnedTool

log = logging.getLogger(__name__)

__all__ = ["MemberTools", "Offer", "Offered", "Pool"]

NOT_PERMITTED = "{} is not permitted here any more. The call was not made. Do without it, and say so."
NOT_RECORDED = "%d calls and refused hosts are in no record: the database did not answer before the end"
RECORDED_WITHIN = 0.5
RENEWED_WITHIN = 1.0
FIRST_START = 3
"""Times as long as any other: what was installed just now is read from the disk, on a machine that may be busy."""


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
    ) -> None:
        """``registered`` is who an operator has made Usher known as, for signing in by OAuth."""
        self.permits = permits
        self._db = db
        self._terms = terms
        self._dialler = Dialler(reach, sandbox, resolve, elicits)
        self._recording = BackgroundWork()
        self._opening = Opening(
            db, secrets, self._dialler, call_timeout, registered, self._recording.begin, self._permitted
        )
        self.sign_ins, self.grants = self._opening.sign_ins, self._opening.grants
        self._connect_timeout = connect_timeout
        self._call_timeout = call_timeout
        self._owners = Owners(connect_timeout, idle_after)
        self._held: dict[str, PooledSession] = {}
        self._crowds: WeakValueDictionary[tuple[str, str], Slots] = WeakValueDictionary()
        self._ending = BackgroundWork()
        times = Times(connect_timeout, call_timeout)
        self._readying = Readying(db, terms, self._permitted, reach, times, self._recording.begin, self._make)

    async def try_out(
        self, spec: ServerSpec, secrets: Secrets, *, title: str, grant: Grant | None = None, by: Member | None = None
    ) -> Offer:
        """Open, list, close; raises a subclass of `ServerError` that says what is wrong. ``by`` is who pays for it."""

        async def open_session(diagnosis: Diagnosis) -> Opened:
            return self._opening.trial(spec, secrets, diagnosis, title, grant, by)

        return await self._tried(spec, title, open_session)

    async def try_changed(self, connection: Connection, spec: ServerSpec) -> Offer:
        """`try_out` with another spec and the secrets that it has: the caller knows that they may go there."""
        await self._mind(connection)
        opening = partial(self._opening.of, connection, spec, UNKNOWN)
        return await self._tried(spec, connection.title, opening)

    async def _tried(self, spec: ServerSpec, title: str, open_session: Any) -> Offer:
        offers: list[Offer] = []

        async def ask(session: Session) -> None:
            steps.at(Step.LISTING)
            offers.append(await asked(session))

        await self._dialler.make_ready(spec, server=title)
        live = self._owners.owner(
            title, spec, open_session, ask, times=FIRST_START if isinstance(spec, StdioSpec) else 1
        )
        try:
            await live.opened()
            return offers[-1]
        finally:
            self._ending.begin(live.close())

    @property
    def sandbox(self) -> Sandbox:
        """That programs run in."""
        return self._dialler.sandbox

    def preparing(self, spec: ServerSpec) -> float | None:
        """For how many seconds what its program needs is being installed by now; None: it is not."""
        return self._dialler.sandbox.preparing(spec) if isinstance(spec, StdioSpec) else None

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
        return await self._hold(connection).listing()

    async def ask(self, connection: Connection, question: Callable[[Client], Awaitable[Told]]) -> Told:
        """Something else than a tool's call, of the session that is held; raises `ServerError`."""
        await self._mind(connection)
        return await self._hold(connection).asked(lambda session: question(session.client), self._call_timeout)

    async def ask_and_hear(
        self, connection: Connection, question: Callable[[Client], Awaitable[Told]]
    ) -> tuple[Told, asyncio.Event]:
        """`ask`, and what is set once the server says that resources or prompts have changed since."""
        await self._mind(connection)
        return await self._hold(connection).asked_and_heard(question, self._call_timeout)

    async def forget(self, connection_id: str) -> None:
        """Close its session now; it is not waited for by anybody else."""
        if (held := self._held.pop(connection_id, None)) is not None:
            await held.live.close()

    async def close(self) -> None:
        held, self._held = list(self._held.values()), {}
        sessions = (each.live.close() for each in held)
        around = self._ending.over(), self.grants.close(RENEWED_WITHIN), self._dialler.sandbox.close()
        await asyncio.gather(*sessions, *around)
        await self._dialler.process.close()
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
        return await made(self._hold(connection), row, arguments, seconds, asker)

    def _hold(self, connection: Connection) -> PooledSession:
        """The one session of this connection; a newer credential ends the one of the older."""
        held = self._held.get(connection.id)
        if held is not None and held.connection.version >= connection.version:
            held.looked_up(connection)
            return held
        spec, greeter = from_json(connection.spec), Handshake(self._db, connection)
        opening = partial(self._opening.held, connection, greeter)
        before = held.live if held else None
        crowd = self._crowds.setdefault((connection.workspace_id, connection.member_id), Slots(OF_MEMBER))
        live = self._owners.owner(connection.title, spec, opening, greeter.greet, before, greeter.look_again, crowd)
        if held is not None:
            self._ending.begin(held.live.close())
        self._held[connection.id] = PooledSession(self._db, connection, live, greeter, self._connect_timeout)
        return self._held[connection.id]
