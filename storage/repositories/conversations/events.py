"""The one log of a conversation that both doors read, numbered without a gap."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.schema import now
from storage.tables import Conversation, Event


class Events(Repository):
    async def add(
        self, workspace: str, conversation_id: str, turn_id: str | None, kind: str, body: dict[str, Any]
    ) -> Event:
        """Append one; raises LookupError when the workspace has no such conversation."""
        return (await self.add_all(workspace, conversation_id, turn_id, [(kind, body)]))[0]

    async def add_all(
        self, workspace: str, conversation_id: str, turn_id: str | None, told: Sequence[tuple[str, dict[str, Any]]]
    ) -> list[Event]:
        """Append these, each a kind and a body, in this order; raises as `add` does."""
        return (await self.add_in(workspace, conversation_id, turn_id, told))[1] if told else []

    async def add_in(
        self, workspace: str, conversation_id: str, turn_id: str | None, told: Sequence[tuple[str, dict[str, Any]]]
    ) -> tuple[Conversation, list[Event]]:
        """As `add_all`, with the conversation as it stands then."""
        at = now()
        conversation = await self._count_up(workspace, conversation_id, at, len(told))
        here = (workspace, conversation_id)
        numbered = enumerate(told, conversation.last_seq - len(told) + 1)
        events = [_event(*here, seq, turn_id, kind, body, at) for seq, (kind, body) in numbered]
        await self._add(*events)
        return conversation, events

    async def add_before_end(
        self, workspace: str, conversation_id: str, turn_id: str | None, kind: str, body: dict[str, Any]
    ) -> Event:
        """Add what was told before the log was closed and is stored only now: the ``end`` stays the last of all."""
        at = now()
        seq = (await self._count_up(workspace, conversation_id, at, 1)).last_seq
        end = sa.update(Event).where(
            Event.workspace_id == workspace,
            Event.conversation_id == conversation_id,
            Event.seq == seq - 1,
            Event.kind == "end",
        )
        moved = await self._did(end.values(seq=seq))
        event = _event(workspace, conversation_id, seq - moved, turn_id, kind, body, at)
        await self._add(event)
        return event

    async def after(self, workspace: str, conversation_id: str, seq: int, limit: int = 1000) -> list[Event]:
        """What came after the number ``seq``, oldest first."""
        query = sa.select(Event).where(
            Event.workspace_id == workspace, Event.conversation_id == conversation_id, Event.seq > seq
        )
        return await self._rows(query.order_by(Event.seq).limit(limit))

    async def before(self, workspace: str, conversation_id: str, seq: int, limit: int) -> list[Event]:
        """The last ones before the number ``seq``, oldest first."""
        query = sa.select(Event).where(
            Event.workspace_id == workspace, Event.conversation_id == conversation_id, Event.seq < seq
        )
        return (await self._rows(query.order_by(Event.seq.desc()).limit(limit)))[::-1]

    async def rewrite(self, event: Event, body: dict[str, Any]) -> None:
        """In its place, for good: what stood there before is kept nowhere."""
        here = (Event.workspace_id == event.workspace_id, Event.conversation_id == event.conversation_id)
        await self._session.execute(sa.update(Event).where(*here, Event.seq == event.seq).values(body=body))

    async def of_turn(self, workspace: str, turn_id: str) -> list[Event]:
        query = sa.select(Event).where(Event.workspace_id == workspace, Event.turn_id == turn_id)
        return await self._rows(query.order_by(Event.seq))

    async def of_kind(self, workspace: str, conversation_id: str, kind: str) -> list[Event]:
        query = sa.select(Event).where(
            Event.workspace_id == workspace, Event.conversation_id == conversation_id, Event.kind == kind
        )
        return await self._rows(query.order_by(Event.seq))

    async def last_of_kind(self, workspace: str, conversation_id: str, kind: str) -> Event | None:
        query = sa.select(Event).where(
            Event.workspace_id == workspace, Event.conversation_id == conversation_id, Event.kind == kind
        )
        return await self._session.scalar(query.order_by(Event.seq.desc()).limit(1))

    async def _count_up(self, workspace: str, conversation_id: str, at: datetime, count: int) -> Conversation:
        # The UPDATE holds the row until the commit: numbers become visible in their order.
        count_up = (
            sa.update(Conversation)
            .where(Conversation.workspace_id == workspace, Conversation.id == conversation_id)
            .values(last_seq=Conversation.last_seq + count, last_at=at)
            .returning(Conversation)
        )
        conversation = await self._session.scalar(count_up)
        if conversation is None:
            raise LookupError("no such conversation in this workspace")
        return conversation


def _event(
    workspace: str, conversation_id: str, seq: int, turn_id: str | None, kind: str, body: dict[str, Any], at: datetime
) -> Event:
    return Event(
        workspace_id=workspace, conversation_id=conversation_id, seq=seq, turn_id=turn_id, kind=kind, body=body, at=at
    )
