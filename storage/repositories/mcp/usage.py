"""What was called, by whom, and how it went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Connection, ToolUsage


@dataclass(frozen=True)
class Use:
    """Of a connection. ``last`` is None when none of its tools was ever called."""

    last: datetime | None = None
    calls: int = 0
    """Since the moment that was asked about."""


class Usage(Repository):
    async def purge(self, workspace: str, before: datetime, most: int) -> int:
        return await self._purged(ToolUsage, most, ToolUsage.workspace_id == workspace, ToolUsage.at < before)

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
        money: int | None = None,
        agent_id: str = "",
        left_out: int = 0,
    ) -> ToolUsage:
        """``outcome``: done, failed, timed_out or refused; ``left_out``: characters of its result nobody was shown."""
        used = ToolUsage(
            workspace_id=workspace,
            member_id=member,
            tool=tool,
            outcome=outcome,
            milliseconds=milliseconds,
            connection_id=connection_id,
            turn_id=turn_id,
            money=money,
            agent_id=agent_id,
            left_out=left_out,
        )
        await self._add(used)
        return used

    async def holds(self, used: ToolUsage) -> bool:
        """Whether it is stored, as a transaction gave it out that had no answer."""
        same = (ToolUsage.workspace_id == used.workspace_id, ToolUsage.id == used.id)
        return await self._session.scalar(sa.select(ToolUsage.id).where(*same)) is not None

    async def of(self, workspace: str, member: str, since: datetime, limit: int = 100) -> list[ToolUsage]:
        """The member's calls, newest first."""
        query = sa.select(ToolUsage).where(
            ToolUsage.workspace_id == workspace, ToolUsage.member_id == member, ToolUsage.at >= since
        )
        return await self._rows(query.order_by(ToolUsage.at.desc()).limit(limit))

    async def often(
        self, workspace: str, member: str, since: datetime, limit: int = 100
    ) -> list[tuple[str | None, str, int]]:
        """Connection, tool and how often the member called it, the most used first."""
        calls = sa.func.count()
        query = sa.select(ToolUsage.connection_id, ToolUsage.tool, calls).where(
            ToolUsage.workspace_id == workspace, ToolUsage.member_id == member, ToolUsage.at >= since
        )
        query = query.group_by(ToolUsage.connection_id, ToolUsage.tool).order_by(calls.desc(), ToolUsage.tool)
        return [(id_, tool, number) for id_, tool, number in await self._session.execute(query.limit(limit))]

    async def cost_of_turns(self, workspace: str, turn_ids: Collection[str]) -> int:
        """Of all their calls whose cost is known."""
        theirs = (ToolUsage.workspace_id == workspace, ToolUsage.turn_id.in_(list(turn_ids)))
        return int(await self._session.scalar(_cost().where(*theirs)) or 0)

    async def cost(self, workspace: str, member: str, since: datetime) -> int:
        """Of all calls whose cost is known."""
        theirs = (ToolUsage.workspace_id == workspace, ToolUsage.member_id == member, ToolUsage.at >= since)
        return int(await self._session.scalar(_cost().where(*theirs)) or 0)

    async def by_connection(self, workspace: str, connection_ids: Collection[str], since: datetime) -> dict[str, Use]:
        """How each is used; two looks into an index for each, however many calls there were before."""
        of_this = sa.and_(ToolUsage.connection_id == Connection.id, ToolUsage.workspace_id == workspace)
        last = sa.select(sa.func.max(ToolUsage.at)).where(of_this).correlate(Connection).scalar_subquery()
        calls = sa.select(sa.func.count()).where(of_this, ToolUsage.at >= since).correlate(Connection).scalar_subquery()
        query = sa.select(Connection.id, last, calls).where(
            Connection.workspace_id == workspace, Connection.id.in_(list(connection_ids))
        )
        return {id_: Use(at, number) for id_, at, number in await self._session.execute(query)}


def _cost() -> sa.Select[tuple[int]]:
    return sa.select(sa.func.coalesce(sa.func.sum(ToolUsage.money), 0))
