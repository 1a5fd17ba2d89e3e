"""Which turns are still to be remembered, and conversations that go as a whole."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository, made, table_of
from storage.tables import Conversation, Event, Memory, Message, Turn, Workspace

_LIVE = sa.or_(Turn.status.in_(("queued", "running")), sa.not_(Turn.told))
"""It runs, waits to, or waits to be shown."""
_TURN, _CHAT = table_of(Turn).c, table_of(Conversation).c
_UNREMEMBERED = (
    sa.select(*_TURN, *_CHAT)
    .join_from(table_of(Turn), table_of(Conversation), _CHAT.id == _TURN.conversation_id)
    .where(sa.not_(_TURN.remembered), _TURN.ended_at.is_not(None))
    .order_by(_TURN.ended_at)
    .limit(sa.bindparam("most"))
)
_LOOKED_AT = (
    sa.update(table_of(Turn)).where(_TURN.id == sa.bindparam("turn"), sa.not_(_TURN.remembered)).values(remembered=True)
)


def _silent(workspace: str, before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    ours = (Conversation.workspace_id == workspace, Conversation.door == "slack")
    return (*ours, Conversation.last_at < before)


class Forgetting(Repository):
    async def unremembered(self, most: int) -> list[tuple[Turn, Conversation]]:
        """Turns that are over and were not looked at yet, oldest first, each with its conversation."""
        rows = await self._transaction.rows(_UNREMEMBERED, {"most": most})
        return [(made(Turn, row[: len(_TURN)]), made(Conversation, row[len(_TURN) :])) for row in rows]

    async def first_to_remember(self, turn: Turn) -> bool:
        """Whether this is who remembers it: False when another did, or when it is gone. Held until the end."""
        return await self._changed_any(_LOOKED_AT, {"turn": turn.id})

    async def pass_over(self, turns: Sequence[Turn]) -> None:
        """Of these nothing is remembered."""
        await self._transaction.add(_LOOKED_AT, [{"turn": turn.id} for turn in turns])

    async def remember_no_more(self, workspace: str, member: str) -> None:
        """What a member has said until now is not looked at any more."""
        theirs = sa.select(Conversation.id).where(
            Conversation.workspace_id == workspace, Conversation.member_id == member, Conversation.door == "slack"
        )
        unseen = sa.update(Turn).where(Turn.conversation_id.in_(theirs), sa.not_(Turn.remembered))
        await self._session.execute(unseen.values(remembered=True))

    async def conversation(self, workspace: str, conversation_id: str) -> bool | None:
        """Delete a member's conversation whole; False while something runs there or waits to be shown, None for none.

        What hangs on it goes with it: what was said, its turns, questions, files and memories.
        """
        ours = (Conversation.workspace_id == workspace, Conversation.id == conversation_id)
        held = sa.select(Conversation.id).where(*ours, Conversation.door == "slack").with_for_update()
        if await self._session.scalar(held) is None:
            return None
        here = (Turn.workspace_id == workspace, Turn.conversation_id == conversation_id)
        if await self._session.scalar(sa.select(Turn.id).where(*here, _LIVE).limit(1)):
            return False
        return await self._did(sa.delete(Conversation).where(*ours))

    async def wear_away(self, workspace: str, conversation_id: str, before: datetime, most: int) -> bool | None:
        """Delete so much of a silent conversation; True once it is gone whole, False while more of it is left.

        None where it is not there, not silent any more, or something runs there. What is left of it is under no key
        that a thread has: whoever speaks there begins anew.
        """
        ours = (*_silent(workspace, before), Conversation.id == conversation_id)
        if await self._session.scalar(sa.select(Conversation.id).where(*ours).with_for_update()) is None:
            return None
        here = (Turn.workspace_id == workspace, Turn.conversation_id == conversation_id)
        if await self._session.scalar(sa.select(Turn.id).where(*here, _LIVE).limit(1)):
            return None
        left = most
        for table in (Event, Message, Memory, Turn):
            if left > 0:
                left -= await self._purged(table, left, table.conversation_id == conversation_id)
        if left > 0:
            return await self._did(sa.delete(Conversation).where(*ours))
        gone = f"gone:{conversation_id}"
        await self._session.execute(sa.update(Conversation).where(*ours, Conversation.key != gone).values(key=gone))
        return False

    async def silent(self, workspace: str, before: datetime, most: int) -> list[str]:
        """Members' conversations in which nothing was said since then, the most silent first; where nothing runs."""
        live = sa.exists().where(Turn.conversation_id == Conversation.id, _LIVE)
        query = sa.select(Conversation.id).where(*_silent(workspace, before), sa.not_(live))
        return list(await self._session.scalars(query.order_by(Conversation.last_at).limit(most)))

    async def count_silent(self, workspace: str, before: datetime, most: int) -> int:
        """Counted no further than ``most``."""
        some = sa.select(Conversation.id).where(*_silent(workspace, before)).limit(most).subquery()
        return await self._session.scalar(sa.select(sa.func.count()).select_from(some)) or 0

    async def terms(self, workspace: str) -> int | None:
        """After how many days of silence it forgets, where its administrators chose that."""
        return await self._session.scalar(sa.select(Workspace.forget_after_days).where(Workspace.id == workspace))

    async def all_terms(self) -> dict[str, int | None]:
        """The same of every workspace."""
        found = await self._session.execute(sa.select(Workspace.id, Workspace.forget_after_days))
        return {workspace: days for workspace, days in found}

    async def set_terms(self, workspace: str, days: int | None) -> None:
        await self._session.execute(
            sa.update(Workspace).where(Workspace.id == workspace).values(forget_after_days=days)
        )
