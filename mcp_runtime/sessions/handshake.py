"""Each new session is asked for its tools, and they are compared with those that its member accepted."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from mcp_runtime.errors.ours import on_our_side
from mcp_runtime.left_out import UNNAMED, LeftOut, as_rows, counted
from mcp_runtime.sessions.news import tell_of_change
from mcp_runtime.sessions.session import Session
from mcp_runtime.sessions.speaks import Speaks
from mcp_runtime.specs import from_json
from mcp_runtime.tools.changes import changed, instructions_heard
from mcp_runtime.tools.listing import list_every_tool
from mcp_runtime.tools.pins import Choice, Offer
from mcp_runtime.tools.untrusted_text import MAX_INSTRUCTIONS, one_line, shown
from mcp_runtime.transports.fair_turns import unhurried
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Connection, PinnedTool

FRESH_SECONDS = 300.0


@dataclass(frozen=True)
class Listing:
    offer: Offer
    pins: Mapping[str, str]
    at: float


async def asked(session: Session) -> Offer:
    """What the server offers now."""
    client = session.client
    listed = await list_every_tool(client, session.answers.listed)
    choice = Choice(session.of_no_use)
    for tool in listed.tools.values():
        session.turns.work(partial(choice.take, tool))
        await session.turns.others()
    left_out = [
        LeftOut(one_line(each.name) or UNNAMED, each.reason)
        for each in (*session.answers.dropped, *choice.left_out, *listed.left_out)
    ]
    name = client.server_info.name if client.server_info else ""
    instructions = shown(client.instructions or "", MAX_INSTRUCTIONS)
    return Offer(tuple(choice.fit), one_line(name), instructions, counted(left_out), session.speaks.as_row())


class Handshake:
    """``listing`` is what the open session offered last; the rows in the database follow it. So does ``speaks``."""

    def __init__(self, db: Database, connection: Connection) -> None:
        self._db = db
        self.speaks = Speaks.stored(connection.speaks)
        self.version = connection.version
        """Of the credential that the session was opened with."""
        self._connection = connection
        self._asking = asyncio.Lock()
        self.listing = Listing(Offer(()), {}, 0.0)

    async def greet(self, session: Session) -> None:
        session.said_changed = False
        try:
            offer = await asked(session)
            self.speaks = session.speaks
            with on_our_side():
                await self._follow(offer)
        except BaseException:
            session.said_changed = True  # whatever it was, it is still to be seen
            raise
        self.listing = Listing(offer, {tool.name: tool.pin for tool in offer.tools}, time.monotonic())

    async def fresh(self, session: Session) -> Listing:
        """The listing; asked for again when the server says that it changed, or after some minutes."""
        async with self._asking:
            if session.said_changed_beside:
                with on_our_side():
                    await self._note_change_beside(session)
            if session.said_changed or time.monotonic() - self.listing.at > FRESH_SECONDS:
                await self.greet(session)
        return self.listing

    async def look_again(self, session: Session) -> None:
        """As `fresh`, for nobody in particular."""
        await self.fresh(session)

    async def _note_change_beside(self, session: Session) -> None:
        """There may be resources or prompts now where there were none."""
        async with self._db.begin() as tables:
            ours = (self._connection.workspace_id, self._connection.id)
            await tables.connections.found_beside(*ours, nothing=False)
        session.said_changed_beside = False

    def _leads_elsewhere(self, row: Connection) -> bool:
        # Read first: what was just made holds tuples where a stored row has lists.
        return from_json(row.spec) != from_json(self._connection.spec)

    async def _changes(self, tables: Tables, offer: Offer) -> list[PinnedTool]:
        known = await tables.tools.of(self._connection.workspace_id, self._connection.id)
        return [each async for each in unhurried(changed(self._connection, known, offer.tools))]

    async def _follow(self, offer: Offer) -> None:
        workspace, connection_id = self._connection.workspace_id, self._connection.id
        async with self._db.read() as tables:
            row = await tables.connections.get(workspace, connection_id)
            changes = await self._changes(tables, offer)
        left_out = as_rows(offer.left_out)
        if row is None or self._leads_elsewhere(row):
            return  # it leads elsewhere since an edit: what the old server offers is nobody's business any more
        heard = instructions_heard(row, offer.instructions)
        as_before = row.left_out == left_out and row.speaks == offer.speaks
        if not (changes or heard) and row.status == "connected" and as_before:
            return
        async with self._db.begin() as tables:
            # Looked at again: what was read before may have changed by now.
            changes = await self._changes(tables, offer)
            row = await tables.connections.get(workspace, connection_id)
            if row is None or self._leads_elsewhere(row):
                return
            heard = instructions_heard(row, offer.instructions)
            if await tables.connections.works(
                workspace, connection_id, now(), left_out=left_out, speaks=dict(offer.speaks), **heard
            ):
                await tables.tools.save(changes)
                if changes or heard:
                    await tell_of_change(tables, self._connection, "tools")
