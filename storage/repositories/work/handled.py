"""Which of Slack's events were handled: it repeats those it believes lost."""

from datetime import UTC, datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.tables import HandledSlackEvent

NEVER_PURGED = datetime(9999, 1, 1, tzinfo=UTC)


class Handled(Repository):
    async def first_time(self, workspace: str, event_id: str) -> bool:
        """Note the event; False when it was noted before. The workspace has to be there."""
        insert = self._insert(HandledSlackEvent).values(workspace_id=workspace, event_id=event_id)
        return await self._did(insert.on_conflict_do_nothing(index_elements=["event_id"]))

    async def first_time_ever(self, workspace: str, what: str) -> bool:
        """As `first_time`, for what a workspace sees once and never again: it is not purged."""
        event_id = f"{workspace}:{what}"
        insert = self._insert(HandledSlackEvent).values(workspace_id=workspace, event_id=event_id, at=NEVER_PURGED)
        return await self._did(insert.on_conflict_do_nothing(index_elements=["event_id"]))

    async def noted(self, workspace: str, what: str) -> bool:
        """Whether `first_time_ever` noted it."""
        ours = (HandledSlackEvent.workspace_id == workspace, HandledSlackEvent.event_id == f"{workspace}:{what}")
        return await self._session.scalar(sa.select(HandledSlackEvent.event_id).where(*ours)) is not None

    async def is_noted(self, workspace: str, event_id: str) -> bool:
        """Whether `first_time` noted it."""
        ours = (HandledSlackEvent.workspace_id == workspace, HandledSlackEvent.event_id == event_id)
        return await self._session.scalar(sa.select(HandledSlackEvent.event_id).where(*ours)) is not None

    async def take(self, workspace: str, event_id: str, now: datetime, before: datetime) -> bool:
        """For whoever is at it; False when another is. Who took it ``before`` that time is taken for dead."""
        insert = self._insert(HandledSlackEvent).values(workspace_id=workspace, event_id=event_id, at=now)
        lapsed = sa.and_(HandledSlackEvent.workspace_id == workspace, HandledSlackEvent.at < before)
        taken = insert.on_conflict_do_update(index_elements=["event_id"], set_={"at": now}, where=lapsed)
        return await self._did(taken)

    async def forget(self, workspace: str, event_id: str) -> bool:
        """Take back a `first_time` whose deed failed."""
        ours = (HandledSlackEvent.workspace_id == workspace, HandledSlackEvent.event_id == event_id)
        return await self._did(sa.delete(HandledSlackEvent).where(*ours))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        return await self._purged(HandledSlackEvent, most, HandledSlackEvent.at < before)
