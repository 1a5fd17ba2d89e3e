"""What was called, by whom, and how it went."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import ToolUsage


class Usage(Repository):
    async def add(
        self,
        workspace: str,
        member: str,
        tool: str,
        outcome: str,
        milliseconds: int,
        *,
        connection_id: str | None = None,
        turn_id: str | None = None,
    ) -> None:
        """``outcome``: done, failed or timed_out."""
        await self._add(
            ToolUsage(
                workspace_id=workspace,
                member_id=member,
                tool=tool,
                outcome=outcome,
                milliseconds=milliseconds,
                connection_id=connection_id,
                turn_id=turn_id,
            )
        )

    async def of(self, workspace: str, member: str, since: datetime, limit: int = 100) -> list[ToolUsage]:
        """The member's calls, newest first."""
        query = sa.select(ToolUsage).where(
            ToolUsage.workspace_id == workspace, ToolUsage.member_id == member, ToolUsage.at >= since
        )
        return await self._rows(query.order_by(ToolUsage.at.desc()).limit(limit))
