"""The model's history of a conversation."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository, made, table_of
from storage.schema import new_id, now
from storage.tables import Conversation, Message

_NEW = sa.insert(table_of(Message))
_OF = table_of(Message).c
_THEIRS = (_OF.workspace_id == sa.bindparam("workspace"), _OF.conversation_id == sa.bindparam("conversation"))
_BY_TURN = _OF.turn_id == sa.bindparam("turn")
_FIRST = sa.select(sa.func.min(_OF.position)).where(*_THEIRS, _BY_TURN).scalar_subquery()
_WITH_THE_ONE_BEFORE = (
    sa.select(*_OF).where(*_THEIRS, sa.or_(_BY_TURN, _OF.position == _FIRST - 1)).order_by(_OF.position)
)


class Messages(Repository):
    async def of(self, workspace: str, conversation_id: str, start: int = 0) -> list[Message]:
        """Oldest first, from the position ``start``; positions count from 0 without a gap."""
        query = sa.select(Message).where(
            Message.workspace_id == workspace,
            Message.conversation_id == conversation_id,
            Message.position >= start,
        )
        return await self._rows(query.order_by(Message.position))

    async def last(self, workspace: str, conversation_id: str) -> int:
        """The position of the newest; 0 where there is none."""
        theirs = (Message.workspace_id == workspace, Message.conversation_id == conversation_id)
        return await self._session.scalar(sa.select(sa.func.max(Message.position)).where(*theirs)) or 0

    async def with_the_one_before(self, workspace: str, conversation_id: str, turn_id: str) -> list[Message]:
        """Those of a turn, oldest first, after the one that it went on from."""
        asked = {"workspace": workspace, "conversation": conversation_id, "turn": turn_id}
        return [made(Message, row) for row in await self._transaction.rows(_WITH_THE_ONE_BEFORE, asked)]

    async def rewrite(self, message: Message, content: dict[str, Any]) -> None:
        await self._session.execute(sa.update(Message).where(Message.id == message.id).values(content=content))

    async def add(
        self, workspace: str, conversation_id: str, turn_id: str | None, contents: Sequence[dict[str, Any]]
    ) -> list[Message]:
        """Append in this order."""
        return await self.put(workspace, conversation_id, turn_id, contents, await self._next(conversation_id))

    async def put(
        self,
        workspace: str,
        conversation_id: str,
        turn_id: str | None,
        contents: Sequence[dict[str, Any]],
        position: int,
    ) -> list[Message]:
        """Append from this position on: for who knows it, and is the only one that appends now."""
        alike = {"workspace_id": workspace, "conversation_id": conversation_id, "turn_id": turn_id}
        rows = [
            {**alike, "id": new_id(), "position": each, "content": content, "created_at": now()}
            for each, content in enumerate(contents, position)
        ]
        await self._transaction.add(_NEW, rows)
        return [Message.of(row) for row in rows]

    async def holds(self, message: Message) -> bool:
        """Whether it is stored, as a transaction gave it out that had no answer."""
        same = (Message.workspace_id == message.workspace_id, Message.id == message.id)
        return await self._session.scalar(sa.select(Message.id).where(*same)) is not None

    async def _next(self, conversation_id: str) -> int:
        if self._on_postgres:  # two who append at the same time would find the same next position
            row = sa.select(Conversation.id).where(Conversation.id == conversation_id)
            await self._session.execute(row.with_for_update(key_share=True))
        last = sa.select(sa.func.max(Message.position)).where(Message.conversation_id == conversation_id)
        highest = await self._session.scalar(last)
        return 0 if highest is None else highest + 1
