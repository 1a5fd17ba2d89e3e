"""Which of Slack's events were handled: it repeats those it believes lost."""

from datetime import datetime

import sqlalchemy as sa

from storage.repository import Repository
from storage.tables import HandledSlackEvent


class Handled(Repository):
    async def first_time(self, workspace: str, event_id: str) -> bool:
        """Note the event; False when it was noted before. The workspace has to be there."""
        insert = self._insert(HandledSlackEvent).values(workspace_id=workspace, event_id=event_id)
        return await self._did(insert.on_conflict_do_nothing(index_elements=["event_id"]))

    async def purge(self, before: datetime) -> int:
        return await self._count(sa.delete(HandledSlackEvent).where(HandledSlackEvent.at < before))
