"""A host thinks again of what they wrote to a guest: other words, or none, also when the guest has them already."""

import json
import re
from dataclasses import dataclass
from typing import Any

from bot.errors import UserError
from bot.services import log_entries
from bot.services.links.hosting import stretch
from bot.services.links.hosting.values import MOST, TOO_LONG
from bot.services.links.values import Guest
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Event, Turn

EDITED, TAKEN_BACK = "edited", "taken_back"
SAID_ALOUD = (
    "Your guest has this message already, as you wrote it first. Delete it to take it back, and whisper in a message of"
    " its own."
)
STAYS_A_WHISPER = "This was a whisper, and an edit does not send it to your guest. Write it in a message of its own."
ACTED_ON = "The assistant has acted on your whisper already. Whisper once more what it should know."


class _Over(Exception):
    """Its log was closed meanwhile."""


@dataclass(frozen=True)
class Rewritten:
    """``text`` is empty where it is taken back; ``whispered``: it is for the agent alone, None where nobody says."""

    source: str
    text: str
    whispered: bool | None = None

    @property
    def how(self) -> str:
        return EDITED if self.text else TAKEN_BACK


class Rewording:
    """The log holds the words as they are now, marked; what they were before is kept nowhere."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def __call__(self, host: Member, guest: Guest, told: Rewritten) -> bool:
        """False: this was nothing that is in the chat, or about to be. Raises `UserError`: it stays as it was."""
        if host != guest.creator:
            return False
        if len(told.text) > MOST:
            raise UserError(TOO_LONG)
        try:
            known = await self._changed(guest, told, told_to_guest=not guest.ended)
        except _Over:
            known = await self._changed(guest, told, told_to_guest=False)
        if known:
            await self._bus.tell("turns")
            await self._bus.tell(f"conversation:{guest.conversation_id}")
        return known

    async def _changed(self, guest: Guest, told: Rewritten, *, told_to_guest: bool) -> bool:
        async with self._db.begin() as tables:
            turn = await tables.turns.by_source(guest.workspace, told.source)
            if turn is None:
                return await _kept_whisper(tables, guest, told)
            if turn.conversation_id != guest.conversation_id:
                return False
            if turn.kind == "whisper":
                return await _waiting_whisper(tables, guest, told)
            if turn.kind != "host":
                return False
            if told.whispered:
                raise UserError(SAID_ALOUD)
            if await tables.turns.reword_unsaid(guest.workspace, told.source, told.text):
                return True
            return await _said(tables, guest, turn, told, told_to_guest=told_to_guest)


async def _said(tables: Tables, guest: Guest, turn: Turn, told: Rewritten, *, told_to_guest: bool) -> bool:
    """The guest has it: their page changes it before their eyes, and whoever reads the log later reads it so."""
    said = await _message(tables, turn)
    if said is None:
        return False
    if said.body.get("changed") == TAKEN_BACK or said.body["text"] == told.text:
        return True
    if told_to_guest:
        entry = log_entries.changed(turn.id, str(said.body["name"]), told.text, told.how)
        await tables.events.add(guest.workspace, guest.conversation_id, turn.id, entry.kind, entry.body)
        # Adding holds the conversation's row: neither the end nor another change slips in between.
        current = await tables.sessions.get(guest.workspace, guest.session.id)
        if current is None or current.ended_at is not None:
            raise _Over
        said = await _message(tables, turn) or said
    now = {"text": told.text, "changed": told.how}
    for event in await tables.events.of_turn(guest.workspace, turn.id):
        if event.kind in ("message", "changed"):
            await tables.events.rewrite(event, event.body | now)
    await _known_to_the_agent(tables, guest, said, said.body | now)
    what = {"session": guest.session.id}
    await tables.audit.add(guest.workspace, guest.creator.id, f"chat.{told.how}", guest.link.id, what)
    return True


async def _message(tables: Tables, turn: Turn) -> Event | None:
    there = await tables.events.of_turn(turn.workspace_id, turn.id)
    return next((event for event in there if event.kind == "message"), None)


async def _known_to_the_agent(tables: Tables, guest: Guest, said: Event, body: dict[str, Any]) -> None:
    """What it was quoted reads as the guest reads it now, and the words before are no part of its memory."""
    here = (guest.workspace, guest.conversation_id)
    session = await tables.sessions.get(guest.workspace, guest.session.id)
    known = session.known_seq if session else 0
    if said.seq > known:
        return
    line, now = stretch.line(said), stretch.line(Event(seq=said.seq, kind=said.kind, body=body))
    # People say «Yes.» more than once: it is found by how often the same was said after it.
    others = await tables.events.of_kind(*here, "message")
    later = sum(said.seq < each.seq <= known and stretch.line(each) == line for each in others)
    was, reads = _in_json(f"{line}\n"), _in_json(f"{now}\n")
    for message in reversed(await tables.messages.of(*here)):
        whole = json.dumps(message.content)
        places = [found.start() for found in re.finditer(re.escape(was), whole)]
        if later < len(places):
            at = places[-1 - later]
            await tables.messages.rewrite(message, json.loads(whole[:at] + reads + whole[at + len(was) :]))
            return
        later -= len(places)


def _in_json(text: str) -> str:
    """As it stands within a longer text there."""
    return json.dumps(text)[1:-1]


async def _waiting_whisper(tables: Tables, guest: Guest, told: Rewritten) -> bool:
    if told.whispered is False:
        raise UserError(STAYS_A_WHISPER)
    if not told.text:
        return await tables.turns.forget_whisper(guest.workspace, told.source)
    if not await tables.turns.reword(guest.workspace, told.source, told.text):
        raise UserError(ACTED_ON)
    return True


async def _kept_whisper(tables: Tables, guest: Guest, told: Rewritten) -> bool:
    """For the agent, when it answers again."""
    whispers = await tables.events.of_kind(guest.workspace, guest.conversation_id, "whisper")
    kept = next((each for each in whispers if each.body.get("source") == told.source), None)
    if kept is None:
        return False
    if told.whispered is False:
        raise UserError(STAYS_A_WHISPER)
    current = await tables.sessions.get(guest.workspace, guest.session.id)
    if current is not None and kept.seq <= current.known_seq:
        raise UserError(ACTED_ON)
    await tables.events.rewrite(kept, kept.body | {"text": told.text})
    return True
