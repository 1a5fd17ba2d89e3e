"""The sessions themselves: opened when needed, held while used, one for each connection and its credential.

Behind it stands the whole MCP SDK: whoever imports this waits for half a second, as `pool` does in a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from mcp import Client

from mcp_runtime import steps
from mcp_runtime.oauth.grants import Grant
from mcp_runtime.sessions.calls import made
from mcp_runtime.sessions.dialling import Dialler
from mcp_runtime.sessions.handshake import Handshake, asked
from mcp_runtime.sessions.lifetime.background import BackgroundWork
from mcp_runtime.sessions.lifetime.owners import Owners
from mcp_runtime.sessions.lifetime.slots import OF_MEMBER, Slots
from mcp_runtime.sessions.opening import Opened, Opening
from mcp_runtime.sessions.pooled_session import PooledSession
from mcp_runtime.sessions.session import Session
from mcp_runtime.sessions.speaks import UNKNOWN
from mcp_runtime.specs import Secrets, ServerSpec, StdioSpec, from_json
from mcp_runtime.steps import Step
from mcp_runtime.tools.asking.elicitation import Asker
from mcp_runtime.tools.pins import Offer
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.transports.diagnosis import Diagnosis
from mcp_runtime.transports.http import GuardedClient
from storage.database import Database
from storage.members import Member
from storage.rules.egress import Egress
from storage.tables import Connection, PinnedTool

Told = TypeVar("Told")
AT_ONCE = 500
FIRST_START = 3
"""Times as long as any other: what was installed just now is read from the disk, on a machine that may be busy."""


class Sessions:
    """All times are in seconds."""

    def __init__(
        self, db: Database, dialler: Dialler, opening: Opening, ending: BackgroundWork, patience: float, idle: float
    ) -> None:
        """A session may take ``patience`` to open, and is closed after so long an ``idle`` time; ``ending`` closes."""
        self._db, self._dialler, self._opening, self._ending = db, dialler, opening, ending
        self._patience = patience
        self._owners = Owners(patience, idle)
        self._held: dict[str, PooledSession] = {}
        self._crowds: WeakValueDictionary[tuple[str, str], Slots] = WeakValueDictionary()

    @property
    def held(self) -> dict[str, PooledSession]:
        """By the ids of their connections."""
        return dict(self._held)

    async def try_out(
        self, spec: ServerSpec, secrets: Secrets, *, title: str, grant: Grant | None, by: Member | None
    ) -> Offer:
        """Open, list, close."""

        async def open_session(diagnosis: Diagnosis) -> Opened:
            return self._opening.trial(spec, secrets, diagnosis, title, grant, by)

        return await self._tried(spec, title, open_session)

    async def try_changed(self, connection: Connection, spec: ServerSpec) -> Offer:
        """`try_out` with another spec and the secrets that it has."""
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

    async def listing(self, connection: Connection) -> Offer:
        return await self._hold(connection).listing()

    async def ask(self, connection: Connection, question: Callable[[Client], Awaitable[Told]], within: float) -> Told:
        return await self._hold(connection).asked(lambda session: question(session.client), within)

    async def ask_and_hear(
        self, connection: Connection, question: Callable[[Client], Awaitable[Told]], within: float
    ) -> tuple[Told, asyncio.Event]:
        return await self._hold(connection).asked_and_heard(question, within)

    async def call(
        self, connection: Connection, row: PinnedTool, arguments: dict[str, Any], within: float, asker: Asker | None
    ) -> ToolResult:
        return await made(self._hold(connection), row, arguments, within, asker)

    def client_for_signing_in(self, egress: Egress) -> GuardedClient:
        return self._opening.client_for_signing_in(egress)

    async def forget(self, connection_id: str) -> None:
        """Close its session now; only the end of a program is waited for."""
        if (held := self._held.pop(connection_id, None)) is not None:
            self._ending.begin(held.live.close())
            if isinstance(from_json(held.connection.spec), StdioSpec):
                await held.live.ended()

    async def look(self) -> None:
        """Close what may not be used any more, or not with what it was opened with, whichever process decided so."""
        ids = list(self._held)
        for some in (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)):
            held = {each: self._held[each] for each in some if each in self._held}
            async with self._db.read() as tables:
                usable = await tables.connections.usable(held)
            for each, pooled in held.items():
                stays = each in usable and pooled.still(*usable[each])
                if self._held.get(each) is pooled and (not stays or pooled.let_go()):
                    del self._held[each]
                    self._ending.begin(pooled.live.close())

    async def close(self) -> None:
        held, self._held = list(self._held.values()), {}
        await asyncio.gather(*(each.live.close() for each in held))

    async def let_go(self) -> None:
        """Of what reads for them, once none of them is left."""
        await self._dialler.process.close()

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
        self._held[connection.id] = PooledSession(self._db, connection, live, greeter, self._patience)
        return self._held[connection.id]
