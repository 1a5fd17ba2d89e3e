"""The one log of a conversation that both doors read, numbered without a gap."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.engines.prepared import Row
from storage.repositories.repository import Repository, made, table_of
from storage.schema import now
from storage.tables import Conversation, Event

_NEW = sa.insert(table_of(Event))
_OF = table_of(Conversation).c
# The UPDATE holds the row until the commit: numbers become visible in their order.
_COUNT_UP = (
    sa.update(table_of(Conversation))
    .where(_OF.workspace_id == sa.bindparam("workspace"), _OF.id == sa.bindparam("conversation"))
    .values(last_seq=_OF.last_seq + sa.bindparam("count"), last_at=sa.bindparam("at"))
)
_NUMBERED, _NUMBERED_WHOLE = _COUNT_UP.returning(_OF.last_seq), _COUNT_UP.returning(*_OF)

_EVENT = table_of(Event).c
_AFTER = (
    sa.select(*_EVENT)
    .where(
        _EVENT.workspace_id == sa.bindparam("workspace"),
        _EVENT.conversation_id == sa.bindparam("conversation"),
        _EVENT.seq > sa.bindparam("seq"),
    )
    .order_by(_EVENT.seq)
    .limit(sa.bindparam("most"))
)
_OF_TURN = (
    sa.select(*_EVENT)
    .where(_EVENT.workspace_id == sa.bindparam("workspace"), _EVENT.turn_id == sa.bindparam("turn"))
    .order_by(_EVENT.seq)
)


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
        if not told:
            return []
        at = now()
        (last,) = await self._count_up(_NUMBERED, workspace, conversation_id, at, len(told))
        return await self._stored(workspace, conversation_id, turn_id, told, last, at)

    async def add_in(
        self, workspace: str, conversation_id: str, turn_id: str | None, told: Sequence[tuple[str, dict[str, Any]]]
    ) -> tuple[Conversation, list[Event]]:
        """As `add_all`, with the conversation as it stands then."""
        at = now()
        found = await self._count_up(_NUMBERED_WHOLE, workspace, conversation_id, at, len(told))
        conversation = made(Conversation, found)
        return conversation, await self._stored(workspace, conversation_id, turn_id, told, conversation.last_seq, at)

    async def add_before_end(
        self, workspace: str, conversation_id: str, turn_id: str | None, kind: str, body: dict[str, Any]
    ) -> Event:
        """Add what was told before the log was closed and is stored only now: the ``end`` stays the last of all."""
        at = now()
        (seq,) = await self._count_up(_NUMBERED, workspace, conversation_id, at, 1)
        end = sa.update(Event).where(
            Event.workspace_id == workspace,
            Event.conversation_id == conversation_id,
            Event.seq == seq - 1,
            Event.kind == "end",
        )
        moved = await self._did(end.values(seq=seq))
        return (await self._stored(workspace, conversation_id, turn_id, [(kind, body)], seq - moved, at))[0]

    async def after(self, workspace: str, conversation_id: str, seq: int, limit: int = 1000) -> list[Event]:
        """What came after the number ``seq``, oldest first."""
        asked = {"workspace": workspace, "conversation": conversation_id, "seq": seq, "most": limit}
        return [made(Event, row) for row in await self._transaction.rows(_AFTER, asked)]

    async def holds(self, event: Event) -> bool:
        """Whether it is stored, as a transaction gave it out that had no answer."""
        ours = (Event.workspace_id == event.workspace_id, Event.conversation_id == event.conversation_id)
        same = (Event.seq == event.seq, Event.kind == event.kind, Event.at == event.at)
        whose = Event.turn_id == event.turn_id if event.turn_id else Event.turn_id.is_(None)
        return await self._session.scalar(sa.select(Event.seq).where(*ours, *same, whose)) is not None

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
        asked = {"workspace": workspace, "turn": turn_id}
        return [made(Event, row) for row in await self._transaction.rows(_OF_TURN, asked)]

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

    async def _count_up(self, change: sa.Update, workspace: str, conversation_id: str, at: datetime, count: int) -> Row:
        asked = {"workspace": workspace, "conversation": conversation_id, "at": at, "count": count}
        found = await self._transaction.first(change, asked)
        if found is None:
            raise LookupError("no such conversation in this workspace")
        return found

    async def _stored(
        self,
        workspace: str,
        conversation_id: str,
        turn_id: str | None,
        told: Sequence[tuple[str, dict[str, Any]]],
        last: int,
        at: datetime,
    ) -> list[Event]:
        alike = {"workspace_id": workspace, "conversation_id": conversation_id, "turn_id": turn_id, "at": at}
        rows = [
            {**alike, "seq": seq, "kind": kind, "body": body}
            for seq, (kind, body) in enumerate(told, last - len(told) + 1)
        ]
        await self._transaction.add(_NEW, rows)
        return [Event.of(row) for row in rows]
