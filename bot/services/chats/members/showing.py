"""Before the first result of a member's connection is read by others in a channel, its member is asked where to answer.

The turn itself waits for nobody: what it leads to is stored, and shown once its member has chosen. Until then every
turn of the conversation is held back, since the model has read what only the member may know. Who wants to be answered
in private takes the conversation along, so that nothing of it can come up in the channel later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.errors import NotYours
from run_cards import CARDS
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Conversation, Turn

LIFE = timedelta(hours=24)
ASKED, HERE = "asks_where", "shows_here"
"""In a conversation's place: what was asked and is open; ids of the connections whose results may be shown there."""
PUBLIC = frozenset(card.name for card in CARDS if card.public)
SOMEBODY_ELSES = "Only the member whose tools these are can decide about this. Ask me yourself, and I use yours."
DECIDED = "This was decided before, or nobody decided it in time. Ask again if you still want it."

Choice = Literal["here", "private", "always"]


@dataclass(frozen=True)
class Open:
    """A question to a member that is not decided yet."""

    connections: tuple[str, ...]
    until: datetime
    channel: str = ""
    """Of the message that asks, with its ``ts``; empty until it stands there."""
    ts: str = ""

    @classmethod
    def of(cls, conversation: Conversation) -> "Open | None":
        stored = conversation.place.get(ASKED)
        if not stored:
            return None
        until = datetime.fromisoformat(stored["until"])
        return cls(tuple(stored["connections"]), until, stored["channel"], stored["ts"])

    def stored(self) -> dict[str, Any]:
        told = {"channel": self.channel, "ts": self.ts}
        return {"connections": list(self.connections), "until": self.until.isoformat(), **told}


@dataclass(frozen=True)
class Shown:
    """A standing yes."""

    channel: str
    connection_id: str
    title: str


class Showing:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def may(self, conversation: Conversation, connection_id: str) -> bool:
        """Whether what this connection gives may be read by all who read the conversation."""
        workspace, place = conversation.workspace_id, conversation.place
        async with self._db.read() as tables:
            connection = await tables.connections.get(workspace, connection_id)
            if connection and connection.card in PUBLIC:
                return True
            if await tables.showing.allowed(workspace, place["channel"], connection_id):
                return True
            stored = await tables.conversations.get(workspace, conversation.id)
        return stored is not None and connection_id in stored.place.get(HERE, [])

    async def now(self, conversation: Conversation) -> Conversation:
        """As it is stored by now."""
        async with self._db.read() as tables:
            return await tables.conversations.get(conversation.workspace_id, conversation.id) or conversation

    async def titles(self, workspace: str, connections: tuple[str, ...]) -> list[str]:
        async with self._db.read() as tables:
            found = [await tables.connections.get(workspace, each) for each in connections]
        return [each.title for each in found if each]

    async def ask(self, conversation: Conversation, connection_id: str) -> Open:
        """The question, asked now or before; whoever finds it without a message puts one up."""
        async with self._db.begin() as tables:
            stored = await self._held(tables, conversation.workspace_id, conversation.id)
            found = Open.of(stored)
            asked = (*(found.connections if found else ()), *([connection_id] if connection_id else []))
            known = tuple(dict.fromkeys(asked))
            there = (found.channel, found.ts) if found and found.until > now() else ("", "")
            opened = Open(known, now() + LIFE, *there)
            await self._place(tables, stored, {ASKED: opened.stored()})
        return opened

    async def asked_in(self, conversation: Conversation, channel: str, ts: str) -> None:
        async with self._db.begin() as tables:
            stored = await self._held(tables, conversation.workspace_id, conversation.id)
            if found := Open.of(stored):
                await self._place(tables, stored, {ASKED: Open(found.connections, found.until, channel, ts).stored()})

    async def decide(self, member: Member, conversation_id: str, choice: Choice) -> tuple[Conversation, Open]:
        """What was held back is shown; the conversation as it was before. Raises `NotYours`."""
        async with self._db.begin() as tables:
            stored = await tables.conversations.hold(member.workspace, conversation_id)
            if stored is None or stored.member_id != member.id:
                raise NotYours(SOMEBODY_ELSES)
            found = Open.of(stored)
            if found is None or found.until <= now():
                raise NotYours(DECIDED)
            if choice == "private":
                await self._move(tables, stored, found)
            else:
                here = sorted({*stored.place.get(HERE, []), *found.connections})
                await self._place(tables, stored, {ASKED: None, HERE: here})
            if choice == "always":
                await tables.showing.allow(member.workspace, member.id, stored.place["channel"], found.connections)
            await tables.turns.show_now(member.workspace, conversation_id)
            detail = {"choice": choice, "channel": stored.place["channel"], "connections": list(found.connections)}
            await tables.audit.add(member.workspace, member.id, "results.shown", conversation_id, detail)
        await self._bus.tell("turns")
        return stored, found

    async def rest(self, turn: Turn, conversation: Conversation) -> None:
        """A turn that was held back waits for the decision, unless it has come meanwhile."""
        async with self._db.begin() as tables:
            stored = await self._held(tables, conversation.workspace_id, conversation.id)
            found = Open.of(stored)
            await tables.turns.change(turn, lease_until=found.until if found else None)
        if found is None:
            await self._bus.tell("turns")

    async def of(self, member: Member) -> list[Shown]:
        async with self._db.read() as tables:
            rows = await tables.showing.of(member.workspace, member.id)
        return [Shown(row.channel, row.connection_id, title) for row, title in rows]

    async def take_back(self, member: Member, channel: str, connection_id: str) -> bool:
        """From now on it is asked again, in threads that go on already too."""
        async with self._db.begin() as tables:
            gone = await tables.showing.take_back(member.workspace, member.id, channel, connection_id)
            for each in await tables.conversations.of_member_in(member.workspace, member.id, channel):
                here = each.place.get(HERE, [])
                if connection_id in here:
                    await self._place(tables, each, {HERE: [one for one in here if one != connection_id]})
            if gone:
                detail = {"choice": "ask", "channel": channel, "connections": [connection_id]}
                await tables.audit.add(member.workspace, member.id, "results.shown", connection_id, detail)
        return gone

    async def _held(self, tables: Tables, workspace: str, conversation_id: str) -> Conversation:
        stored = await tables.conversations.hold(workspace, conversation_id)
        if stored is None:
            raise LookupError("a conversation vanished while its member was asked")
        return stored

    async def _place(self, tables: Tables, conversation: Conversation, values: dict[str, Any]) -> None:
        place = {key: value for key, value in {**conversation.place, **values}.items() if value is not None}
        await tables.conversations.update(conversation.workspace_id, conversation.id, place=place)

    async def _move(self, tables: Tables, conversation: Conversation, found: Open) -> None:
        """Into the thread of the question: there it goes on, and in the channel a new one begins."""
        kept = {key: value for key, value in conversation.place.items() if key not in (ASKED, HERE)}
        place = {**kept, "channel": found.channel, "thread_ts": found.ts, "private": True}
        key = f"{conversation.member_id}:{found.channel}:{found.ts}"
        await tables.conversations.update(conversation.workspace_id, conversation.id, key=key, place=place)
