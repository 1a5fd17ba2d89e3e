"""Calls that wait for a person; one UPDATE decides who was first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.schema import now
from storage.tables import Approval


class Approvals(Repository):
    async def add(self, approval: Approval) -> Approval:
        await self._add(approval)
        return approval

    async def get(self, workspace: str, approval_id: str) -> Approval | None:
        query = sa.select(Approval).where(Approval.workspace_id == workspace, Approval.id == approval_id)
        return await self._session.scalar(query)

    async def decide(self, workspace: str, approval_id: str, member: str, state: str, now: datetime) -> Approval | None:
        """The approval as decided; None when it is not this member's, was decided before, or is too old."""
        change = (
            sa.update(Approval)
            .where(
                Approval.workspace_id == workspace,
                Approval.id == approval_id,
                Approval.member_id == member,
                Approval.state == "asked",
                Approval.expires_at > now,
            )
            .values(state=state, decided_by=member, decided_at=now)
            .returning(Approval)
        )
        return await self._session.scalar(change)

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
        return await self._did(change.values(message=message))
