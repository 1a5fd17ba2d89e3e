"""The model's history of a conversation."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository, table_of
from storage.schema import new_id, now
from storage.tables import Conversation, Message

_NEW = sa.insert(table_of(Message))


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
        theirs = (Message.workspace_id == workspace, Message.conversation_id == conversation_id)
        first = sa.select(sa.func.min(Message.position)).where(*theirs, Message.turn_id == turn_id).scalar_subquery()
        wanted = sa.or_(Message.turn_id == turn_id, Message.position == first - 1)
        return await self._rows(sa.select(Message).where(*theirs, wanted).order_by(Message.position))

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
