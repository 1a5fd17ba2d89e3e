"""Members' reminders: one UPDATE decides whether each is told, cancelled or put off."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.tables import Reminder

WAITING, TELLING, TOLD, CANCELLED = "waiting", "telling", "told", "cancelled"


def _one(workspace: str, reminder_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Reminder.workspace_id == workspace, Reminder.id == reminder_id


class Reminders(Repository):
    async def add(self, reminder: Reminder) -> Reminder:
        await self._add(reminder)
        return reminder

    async def waiting(self, workspace: str, member: str) -> list[Reminder]:
        """Soonest first."""
        theirs = (Reminder.workspace_id == workspace, Reminder.member_id == member, Reminder.state == WAITING)
        return await self._rows(sa.select(Reminder).where(*theirs).order_by(Reminder.due_at, Reminder.id))

    async def get(self, workspace: str, reminder_id: str) -> Reminder | None:
        found: Reminder | None = await self._session.scalar(sa.select(Reminder).where(*_one(workspace, reminder_id)))
        return found

    async def move(self, workspace: str, reminder_id: str, before: str, after: str) -> bool:
        """From one state to another; False when it was not in that one."""
        held = sa.update(Reminder).where(*_one(workspace, reminder_id), Reminder.state == before)
        return await self._did(held.values(state=after))

    async def put_off(self, workspace: str, reminder_id: str, due_at: datetime) -> bool:
        """One that was told waits again; False when it was not told, or waits again already."""
        told = sa.update(Reminder).where(*_one(workspace, reminder_id), Reminder.state == TOLD)
        return await self._did(told.values(state=WAITING, due_at=due_at))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        """Those that wait for nothing any more."""
        over = (Reminder.due_at < before, Reminder.state != WAITING)
        return await self._purged(Reminder, most, *over)
