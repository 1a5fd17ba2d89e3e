"""Reminders: set and cancelled by their member, rung by a job, and told once whatever is killed meanwhile."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.errors import NotFound, UserError
from bot.services.matching import near, not_found, same
from mcp_runtime.tools.untrusted_text import visible
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.work.reminders import CANCELLED, TELLING, TOLD, WAITING
from storage.tables import Reminder

REMINDER = "reminder"
"""The job that rings."""
GONE = "That reminder waits no longer. See my Home tab for those that do."
MOST = 50
LONGEST = 500
KEPT = timedelta(days=30)
"""One that was told can be put off that long."""


class Reminders:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def add(self, member: Member, place: Mapping[str, Any], text: str, due_at: datetime) -> Reminder:
        """The same words for the same minute are one reminder; raises `UserError`."""
        text = " ".join(visible(text).split())
        if not text or len(text) > LONGEST:
            raise UserError(f"A reminder needs words, {LONGEST} characters at most. Say what it is about, in short.")
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            waiting = await tables.reminders.waiting(member.workspace, member.id)
            for each in waiting:
                if each.text == text and abs(each.due_at - due_at) < timedelta(minutes=1):
                    return each
            if len(waiting) >= MOST:
                raise UserError(f"{MOST} reminders wait already, which is the most. Cancel one of them first.")
            reminder = Reminder(workspace_id=member.workspace, member_id=member.id, text=text, place=dict(place))
            reminder.due_at = due_at
            await tables.reminders.add(reminder)
            await self._ring(tables, reminder, due_at)
        await self._bus.tell("jobs")
        return reminder

    async def of(self, member: Member) -> list[Reminder]:
        """Those that wait, soonest first."""
        async with self._db.read() as tables:
            return await tables.reminders.waiting(member.workspace, member.id)

    async def cancel(self, member: Member, reminder_id: str) -> Reminder:
        """Raises `NotFound` where it waits no longer, or is another member's."""
        async with self._db.begin() as tables:
            found = await _theirs(tables, member, reminder_id)
            if not await tables.reminders.move(member.workspace, reminder_id, WAITING, CANCELLED):
                raise NotFound(GONE)
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._bus.tell("jobs")
        return found

    async def cancel_named(self, member: Member, text: str) -> Reminder:
        """By the words it is about; raises `NotFound` also where several are meant."""
        waiting = await self.of(member)
        meant = same(text, [each.text for each in waiting])
        found = [each for each in waiting if each.text in meant]
        if not found and (close := near(text, {each.text: each.id for each in waiting})):
            found = [each for each in waiting if each.id == close]
        if not found:
            raise not_found("reminder", text, [(each.id, each.text) for each in waiting])
        if len(found) > 1:
            raise NotFound(f"{len(found)} reminders say that. Cancel the one that is meant on Usher's Home tab.")
        return await self.cancel(member, found[0].id)

    async def put_off(self, member: Member, reminder_id: str, due_at: datetime) -> Reminder:
        """One that was told; raises `NotFound` where it waits again already, or is another member's."""
        async with self._db.begin() as tables:
            found = await _theirs(tables, member, reminder_id)
            if not await tables.reminders.put_off(member.workspace, reminder_id, due_at):
                raise NotFound(
                    "That reminder was put off already, or is not there any more. See my Home tab for those that wait."
                )
            await self._ring(tables, found, due_at)
        await self._bus.tell("jobs")
        return found

    async def taken(self, workspace: str, reminder_id: str) -> tuple[Reminder | None, bool]:
        """To be told now, and whether it may have been told before: then look first. None: it is not to be told."""
        async with self._db.begin() as tables:
            fresh = await tables.reminders.move(workspace, reminder_id, WAITING, TELLING)
            found = await tables.reminders.get(workspace, reminder_id)
        return (found if found and found.state == TELLING else None), not fresh

    async def told(self, reminder: Reminder) -> None:
        async with self._db.begin() as tables:
            await tables.reminders.move(reminder.workspace_id, reminder.id, TELLING, TOLD)
            await tables.home_tabs.changed(reminder.workspace_id, reminder.member_id)
        await self._bus.tell("jobs")

    async def _ring(self, tables: Tables, reminder: Reminder, due_at: datetime) -> None:
        once = f"{REMINDER}:{reminder.id}:{due_at:%Y%m%d%H%M%S}"
        told = {"workspace": reminder.workspace_id, "reminder": reminder.id}
        await tables.jobs.add(REMINDER, once, told, due_at, workspace=reminder.workspace_id)
        await tables.home_tabs.changed(reminder.workspace_id, reminder.member_id)


async def _theirs(tables: Tables, member: Member, reminder_id: str) -> Reminder:
    found = await tables.reminders.get(member.workspace, reminder_id)
    if found is None or found.member_id != member.id:
        raise NotFound(GONE)
    return found
