"""Whose Home tab shows something, what of it they look at, and that it is to be shown anew."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.repositories.work.handled import Handled
from storage.schema import now
from storage.tables import HandledSlackEvent, HomePlace, Job

KIND = "home_changed"


class HomeTabs(Repository):
    async def opened(self, workspace: str, member: str) -> bool:
        """Note that this member looks at it; False when that was noted before. The workspace has to be there."""
        return await Handled(self._transaction).first_time_ever(workspace, _mark(member))

    async def was_opened(self, workspace: str, member: str) -> bool:
        noted = sa.select(HandledSlackEvent.event_id).where(
            HandledSlackEvent.workspace_id == workspace, HandledSlackEvent.event_id == f"{workspace}:{_mark(member)}"
        )
        return await self._session.scalar(noted) is not None

    async def place(self, workspace: str, member: str, since: datetime) -> HomePlace | None:
        """Where they have gone since then, if they have."""
        theirs = (HomePlace.workspace_id == workspace, HomePlace.member_id == member, HomePlace.at >= since)
        return await self._session.scalar(sa.select(HomePlace).where(*theirs))

    async def go(self, workspace: str, member: str, tab: str, page: int, at: datetime) -> None:
        """The workspace has to be there."""
        there = {"tab": tab, "page": page, "at": at}
        insert = self._insert(HomePlace).values(workspace_id=workspace, member_id=member, **there)
        await self._session.execute(
            insert.on_conflict_do_update(index_elements=["workspace_id", "member_id"], set_=there)
        )

    async def changed(self, workspace: str, member: str) -> None:
        """A job ``home_changed``, one for all changes until it is done; none for who has never opened the tab.

        One that is being done now is due once more: its end, told by the old ``due_at``, then takes nothing away.
        """
        if not await self.was_opened(workspace, member):
            return
        job = {"kind": KIND, "once": f"{KIND}:{workspace}:{member}", "workspace_id": workspace}
        insert = self._insert(Job).values(**job, payload={"workspace": workspace, "member": member}, due_at=now())
        once_more = {"due_at": now(), "lease_until": sa.null(), "attempts": 0}
        await self._session.execute(insert.on_conflict_do_update(index_elements=["once"], set_=once_more))


def _mark(member: str) -> str:
    return f"home:{member}"
