"""Calls that need no question: what their member has said yes to beforehand, for less than a whole tool."""

from collections.abc import Collection

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import AllowedCalls


class CallsAllowed(Repository):
    async def add(self, row: AllowedCalls) -> bool:
        """False where the same is allowed already."""
        same = await self.of(row.workspace_id, row.member_id)
        if any(_key(each) == _key(row) for each in same):
            return False
        await self._add(row)
        return True

    async def of(self, workspace: str, member: str) -> list[AllowedCalls]:
        """All of this member's, the newest first."""
        mine = (AllowedCalls.workspace_id == workspace, AllowedCalls.member_id == member)
        return await self._rows(sa.select(AllowedCalls).where(*mine).order_by(AllowedCalls.id.desc()))

    async def applying(
        self, workspace: str, member: str, conversation_id: str, connection_ids: Collection[str]
    ) -> list[AllowedCalls]:
        """Those that hold in this conversation, for tools of these connections."""
        query = sa.select(AllowedCalls).where(
            AllowedCalls.workspace_id == workspace,
            AllowedCalls.member_id == member,
            AllowedCalls.connection_id.in_(list(connection_ids)),
            sa.or_(AllowedCalls.conversation_id.is_(None), AllowedCalls.conversation_id == conversation_id),
        )
        return await self._rows(query)

    async def remove(self, workspace: str, member: str, allowed_id: str) -> AllowedCalls | None:
        """What was taken back; None where it is not this member's, or not there any more."""
        one = (AllowedCalls.workspace_id == workspace, AllowedCalls.member_id == member, AllowedCalls.id == allowed_id)
        return await self._session.scalar(sa.delete(AllowedCalls).where(*one).returning(AllowedCalls))

    async def remove_of(self, workspace: str, member: str, approval_id: str) -> int:
        """What one answer has allowed; how many rules there were."""
        mine = (AllowedCalls.workspace_id == workspace, AllowedCalls.member_id == member)
        return await self._count(sa.delete(AllowedCalls).where(*mine, AllowedCalls.approval_id == approval_id))


def _key(row: AllowedCalls) -> tuple[object, ...]:
    return row.connection_id, row.tool, row.pin, row.conversation_id, row.arguments or {}
