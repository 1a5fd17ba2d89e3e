"""Turns: queued by a door, claimed by one process under a lease, and fenced from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.members import Member
from storage.repositories.conversations.claims import Lease, live_in
from storage.repositories.conversations.in_line import GIVEN_BACK
from storage.repositories.conversations.stopping import Stopping
from storage.repositories.repository import made, table_of
from storage.tables import Conversation, Message, Note, Turn

_OF = table_of(Turn).c
# The fence: true as long as nobody has claimed the turn since.
_HELD = (_OF.id == sa.bindparam("held_id"), _OF.attempts == sa.bindparam("held_attempts"))
UNENDED = ("queued", "running", "paused")
# In the text, or PostgreSQL would not know that an index has all that are like it.
_UNENDED = sa.select(
    *(
        sa.select(sa.func.count())
        .select_from(Turn)
        .where(Turn.status == sa.literal_column(f"'{status}'"))
        .scalar_subquery()
        for status in UNENDED
    )
)
_CHANGE = sa.update(table_of(Turn)).where(*_HELD)
_END = _CHANGE.where(sa.or_(_OF.status == "queued", _OF.status == "running"))
_NEW_LINE: Any = sa.literal_column("'\n'")
_NOTED = (
    sa.select(sa.func.aggregate_strings(Note.id + " " + sa.cast(Note.since, sa.String) + "\t" + Note.text, _NEW_LINE))
    .where(Note.workspace_id == sa.bindparam("workspace"), Note.member_id == sa.bindparam("member"))
    .scalar_subquery()
)
_SAID = table_of(Message).c
_FROM_THERE = sa.and_(_SAID.conversation_id == _OF.conversation_id, _SAID.position >= sa.bindparam("start"))
_FREE_ROWS = (
    sa.select(_OF.id)
    .where(_OF.id.in_(sa.bindparam("held_ids", expanding=True)), _OF.lease_owner == sa.bindparam("owner"))
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_RENEW = (
    sa.update(table_of(Turn))
    .where(_OF.id.in_(_FREE_ROWS))
    .values(lease_until=sa.bindparam("until", type_=_OF.lease_until.type))
    .returning(_OF.id, _OF.attempts, _OF.stop_asked)
)
_OPENED = (
    sa.select(_OF.stop_asked, _NOTED, *_SAID)
    .select_from(table_of(Turn).outerjoin(table_of(Message), _FROM_THERE))
    .where(*_HELD)
    .order_by(_SAID.position)
    .with_for_update(of=table_of(Turn), key_share=True)
)
_CHAT = table_of(Conversation).c
_BETWEEN = (
    sa.select(*_OF, _CHAT.place)
    .join(table_of(Conversation), _CHAT.id == _OF.conversation_id)
    .where(_OF.workspace_id == sa.bindparam("workspace"))
    .where(_OF.source >= sa.bindparam("first"), _OF.source <= sa.bindparam("last"))
    .where(_CHAT.member_id == sa.bindparam("member"), _CHAT.workspace_id == sa.bindparam("workspace"))
    .order_by(_OF.source)
    .limit(50)
)


@dataclass(frozen=True)
class Noted:
    """A note, as the model is told of it."""

    id: str
    since: str
    """Its day."""
    text: str


@dataclass(frozen=True)
class GoesOnFrom:
    messages: list[Message]
    """As `Messages.of` gives them."""
    notes: list[Noted]
    """Oldest first."""


class Turns(Stopping):
    async def get(self, workspace: str, turn_id: str) -> Turn | None:
        return await self._session.scalar(sa.select(Turn).where(Turn.workspace_id == workspace, Turn.id == turn_id))

    async def by_source(self, workspace: str, source: str) -> Turn | None:
        return await self._session.scalar(sa.select(Turn).where(Turn.workspace_id == workspace, Turn.source == source))

    async def unended(self) -> dict[str, int]:
        """How many of the whole house wait, run or are paused; indexes answer it, however many there have been."""
        [found] = await self._session.execute(_UNENDED)
        return dict(zip(UNENDED, found, strict=True))

    async def running(self, workspace: str, conversation_id: str) -> Turn | None:
        """The one that runs there now."""
        return await self._session.scalar(
            sa.select(Turn).where(*live_in(workspace, conversation_id, "running")).limit(1)
        )

    async def between(self, workspace: str, member: str, first: str, last: str) -> list[tuple[Turn, dict[str, Any]]]:
        """This member's turns whose sources lie from ``first`` to ``last``, each with the place of its conversation."""
        asked = {"workspace": workspace, "member": member, "first": first, "last": last}
        rows = await self._transaction.rows(_BETWEEN, asked)
        return [(made(Turn, turn), place) for *turn, place in rows]

    async def lately_in(self, workspace: str, conversation_id: str, most: int = 20) -> list[Turn]:
        """The newest turns of a conversation, newest first."""
        here = (Turn.workspace_id == workspace, Turn.conversation_id == conversation_id)
        return await self._rows(sa.select(Turn).where(*here).order_by(Turn.created_at.desc(), Turn.id).limit(most))

    async def reword(self, workspace: str, source: str, text: str) -> bool:
        """Other words for a message that nobody has begun to answer."""
        waiting = (Turn.workspace_id == workspace, Turn.source == source, Turn.status == "queued")
        return await self._did(sa.update(Turn).where(*waiting).values(text=text))

    async def reword_unsaid(self, workspace: str, source: str, text: str) -> bool:
        """Other words for what a person is to say to a guest, none for no words; False when it was said.

        Who is about to say it is fenced off, and it begins anew.
        """
        unsaid = (Turn.workspace_id == workspace, Turn.source == source, Turn.status.in_(["queued", "running"]))
        change = sa.update(Turn).where(*unsaid, Turn.kind == "host")
        return await self._did(change.values(**{**GIVEN_BACK, "text": text, "attempts": Turn.attempts + 1}))

    async def forget_whisper(self, workspace: str, source: str) -> bool:
        """As if the host had never told the agent so; False when it has begun to act on it."""
        waiting = (Turn.workspace_id == workspace, Turn.source == source, Turn.status == "queued")
        gone = await self._session.scalar(sa.delete(Turn).where(*waiting, Turn.kind == "whisper").returning(Turn))
        if gone:
            await self._leave(gone)
        return gone is not None

    async def change(self, turn: Turn, **values: Any) -> bool:
        """Write to a turn that we claimed; False, and nothing written, when another has claimed it since."""
        return await self._changed_any(_CHANGE, _fence(turn) | values)

    async def renew(self, turns: Sequence[Turn], lease: Lease) -> dict[str, bool]:
        """By id those that are known to be the lease's owner's still: whether each was asked to stop.

        One that somebody is just writing to is left out: nobody waits for it, and `change` tells.
        """
        held = {turn.id: turn.attempts for turn in turns}
        asked = {"held_ids": list(held), "owner": lease.owner, "until": lease.until}
        rows = (await self._session.execute(_RENEW, asked)).all()
        return {each.id: each.stop_asked for each in rows if held[each.id] == each.attempts}

    async def is_held(self, turn: Turn) -> bool:
        """Whether it is stored as whoever claimed it was given it: not, where that claim was undone."""
        ours = (Turn.workspace_id == turn.workspace_id, Turn.id == turn.id, Turn.attempts == turn.attempts)
        held = sa.select(Turn.id).where(*ours, Turn.lease_owner == turn.lease_owner)
        return await self._session.scalar(held) is not None

    async def end(self, turn: Turn, **values: Any) -> bool:
        """As `change`, with a ``status``; False also when it has ended: an end is written once."""
        ended = await self._changed_any(_END, _fence(turn) | values)
        if ended and turn.status == "queued":  # see `seize`, since which another may stand behind it
            await self._leave(turn, is_fresh=False)
        return ended

    async def give_back(self, turn: Turn, **values: Any) -> bool:
        """As `end`, but whoever comes next may begin it again, at once."""
        return await self._changed_any(_END, _fence(turn) | GIVEN_BACK | values)

    async def opened(self, turn: Turn, start: int, notes_of: Member | None = None) -> "GoesOnFrom | None":
        """What a turn which we claimed goes on from, with the notes of its member in the same statement.

        None when another has claimed the turn since. It cannot be claimed, nor be asked to stop, before the caller's
        transaction ends: whether it was asked to by then, it says of itself.
        """
        whose = (
            {"workspace": notes_of.workspace, "member": notes_of.id} if notes_of else {"workspace": "", "member": ""}
        )
        asked = _fence(turn) | {"start": start, **whose}
        rows = await self._transaction.rows(_OPENED, asked)
        if not rows:
            return None
        turn.stop_asked, noted, *first = rows[0]
        said = rows if first[0] else ()  # a conversation without any has one row of none
        return GoesOnFrom([made(Message, row[2:]) for row in said], _noted(noted))

    async def waiting_count(self, workspace: str, conversation_id: str) -> int:
        waiting = live_in(workspace, conversation_id, "queued")
        return await self._session.scalar(sa.select(sa.func.count()).select_from(Turn).where(*waiting)) or 0

    async def said_since(self, workspace: str, since: datetime) -> int:
        """How many messages were taken in since then."""
        said = (Turn.workspace_id == workspace, Turn.kind == "say", Turn.created_at >= since)
        return await self._session.scalar(sa.select(sa.func.count()).select_from(Turn).where(*said)) or 0

    async def resumes(self, workspace: str, conversation_id: str) -> bool:
        """Whether a turn waits there that goes on from an approval."""
        waiting = sa.select(Turn.id).where(*live_in(workspace, conversation_id, "queued"), Turn.kind == "resume")
        return await self._session.scalar(waiting.limit(1)) is not None

    async def show_now(self, workspace: str, conversation_id: str) -> bool:
        """What has ended there and was not shown yet may be shown at once; False when there is nothing."""
        ours = (Turn.workspace_id == workspace, Turn.conversation_id == conversation_id)
        untold = sa.update(Turn).where(*ours, sa.not_(Turn.told), Turn.ended_at.is_not(None))
        return await self._did(untold.values(lease_until=None))

    async def release_all(self, owner: str) -> int:
        """Where there is one process, at its start: what any other held may be claimed at once."""
        held = sa.update(Turn).where(sa.not_(Turn.told), Turn.lease_until.is_not(None), Turn.lease_owner != owner)
        return await self._count(held.values(lease_until=sa.null()))


def _noted(told: str | None) -> list[Noted]:
    """From `_NOTED`; ids sort by age."""
    found = (line.partition("\t") for line in sorted(told.split("\n"))) if told else ()
    return [Noted(head[:36], head[37:47], text) for head, _, text in found]


def _fence(turn: Turn) -> dict[str, Any]:
    """The parameters of `_HELD`."""
    return {"held_id": turn.id, "held_attempts": turn.attempts}
