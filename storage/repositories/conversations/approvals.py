"""Calls that wait for a person; one UPDATE decides who was first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.repositories.work.home_tabs import HomeTabs
from storage.schema import now
from storage.tables import Approval


class Approvals(Repository):
    async def add(self, approval: Approval) -> Approval:
        await self._add(approval)
        return approval

    async def get(self, workspace: str, approval_id: str) -> Approval | None:
        query = sa.select(Approval).where(Approval.workspace_id == workspace, Approval.id == approval_id)
        return await self._session.scalar(query)

    async def decide(
        self,
        workspace: str,
        approval_id: str,
        member: str,
        state: str,
        now: datetime,
        *,
        revision: int = 0,
        scope: str = "",
        reason: str = "",
    ) -> Approval | None:
        """The approval as decided; None when it is not this member's, was decided before, is too old, or was changed.

        ``revision`` is that of the calls that were shown.
        """
        change = (
            sa.update(Approval)
            .where(*_open(workspace, approval_id, member, now), Approval.revision == revision)
            .values(state=state, decided_by=member, decided_at=now, scope=scope, reason=reason)
            .returning(Approval)
        )
        return await self._session.scalar(change)

    async def change(
        self, workspace: str, approval_id: str, member: str, calls: Sequence[Any], now: datetime, *, revision: int
    ) -> Approval | None:
        """Other arguments in place of those of ``revision``; None as for `decide`."""
        change = (
            sa.update(Approval)
            .where(*_open(workspace, approval_id, member, now), Approval.revision == revision)
            .values(calls=list(calls), revision=revision + 1)
            .returning(Approval)
        )
        return await self._session.scalar(change)

    async def due_for_reminder(self, before: datetime, now: datetime) -> list[Approval]:
        """Those whose time ends by then and who were not reminded of, in all workspaces; noted as reminded of."""
        change = sa.update(Approval).where(
            Approval.state == "asked",
            Approval.expires_at <= before,
            Approval.expires_at > now,
            Approval.reminded_at.is_(None),
        )
        return await self._rows(change.values(reminded_at=now).returning(Approval))

    async def count_since(self, workspace: str, since: datetime) -> int:
        """However they ended."""
        asked = (Approval.workspace_id == workspace, Approval.created_at >= since)
        return await self._session.scalar(sa.select(sa.func.count()).select_from(Approval).where(*asked)) or 0

    async def decisions(self, workspace: str, since: datetime, most: int) -> list[tuple[str, str, list[Any]]]:
        """Member, state and calls of what was decided since then, the newest first."""
        query = (
            sa.select(Approval.member_id, Approval.state, Approval.calls)
            .where(Approval.workspace_id == workspace, Approval.created_at >= since)
            .where(Approval.state.in_(("approved", "always", "denied")))
            .order_by(Approval.created_at.desc())
            .limit(most)
        )
        return [(each[0], each[1], each[2]) for each in await self._session.execute(query)]

    async def unplaced(self, workspace: str, conversation_ids: Sequence[str]) -> None:
        """Where these were asked is out of reach: what still waits has to be asked elsewhere."""
        theirs = (Approval.workspace_id == workspace, Approval.conversation_id.in_(conversation_ids))
        await self._session.execute(sa.update(Approval).where(*theirs, Approval.state == "asked").values(message={}))

    async def waiting_in(self, workspace: str, conversation_id: str) -> list[Approval]:
        here = (Approval.workspace_id == workspace, Approval.conversation_id == conversation_id)
        return await self._rows(sa.select(Approval).where(*here, Approval.state == "asked").order_by(Approval.id))

    async def lapse(self, workspace: str, conversation_id: str, state: str = "lapsed") -> list[Approval]:
        """Close what the conversation still waits for; those closed."""
        change = sa.update(Approval).where(
            Approval.workspace_id == workspace,
            Approval.conversation_id == conversation_id,
            Approval.state == "asked",
        )
        return await self._rows(change.values(state=state, decided_at=now()).returning(Approval))

    async def waiting(self, workspace: str, member: str) -> list[Approval]:
        """What this member has yet to decide, in all conversations."""
        query = sa.select(Approval).where(
            Approval.workspace_id == workspace, Approval.member_id == member, Approval.state == "asked"
        )
        return await self._rows(query.order_by(Approval.id))

    async def lapse_these(self, workspace: str, approval_ids: Iterable[str], why: str) -> list[Approval]:
        """Those that nobody has decided meanwhile; those closed."""
        change = sa.update(Approval).where(
            Approval.workspace_id == workspace, Approval.id.in_(list(approval_ids)), Approval.state == "asked"
        )
        return await self._rows(change.values(state="lapsed", why=why, decided_at=now()).returning(Approval))

    async def withdraw(self, workspace: str) -> list[Approval]:
        """Close all that the workspace waits for; those closed."""
        change = sa.update(Approval).where(Approval.workspace_id == workspace, Approval.state == "asked")
        return await self._rows(change.values(state="lapsed", decided_at=now()).returning(Approval))

    async def expire(self, now: datetime) -> list[Approval]:
        """Close those whose time is up, in all workspaces; those closed."""
        change = sa.update(Approval).where(Approval.state == "asked", Approval.expires_at <= now)
        return await self._rows(change.values(state="expired", decided_at=now).returning(Approval))

    async def set_message(self, workspace: str, approval_id: str, message: dict[str, Any]) -> bool:
        """Where in Slack it was asked."""
        change = sa.update(Approval).where(Approval.workspace_id == workspace, Approval.id == approval_id)
        member = await self._session.scalar(change.values(message=message).returning(Approval.member_id))
        if member is not None:
            await HomeTabs(self._transaction).changed(workspace, member)  # from now on it is seen there too
        return member is not None


def _open(workspace: str, approval_id: str, member: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    one = (Approval.workspace_id == workspace, Approval.id == approval_id, Approval.member_id == member)
    return *one, Approval.state == "asked", Approval.expires_at > now
