"""What requests to the model took: summed up by whatever is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository, table_of, values_of
from storage.tables import ModelUsage

_INSERT = sa.insert(table_of(ModelUsage))
_OF = table_of(ModelUsage).c
_SUMS = (
    sa.func.count().label("requests"),
    *(sa.func.coalesce(sa.func.sum(each), 0).label(each.name) for each in (_OF.prompt, _OF.cached, _OF.output)),
    *(sa.func.coalesce(sa.func.sum(each), 0).label(each.name) for each in (_OF.thoughts, _OF.money, _OF.saved)),
    sa.func.count(_OF.money).label("priced"),
    sa.func.coalesce(sa.func.sum(sa.cast(_OF.measured, sa.Integer)), 0).label("measured"),
    sa.func.count(sa.distinct(sa.func.nullif(_OF.turn_id, ""))).label("turns"),
)


@dataclass(frozen=True)
class Sum:
    """Of requests; money in millionths of a US dollar."""

    requests: int = 0
    prompt: int = 0
    cached: int = 0
    """Of the prompt."""
    output: int = 0
    thoughts: int = 0
    money: int = 0
    """Of those whose price is known."""
    saved: int = 0
    priced: int = 0
    measured: int = 0
    turns: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt + self.output + self.thoughts

    @property
    def unpriced(self) -> int:
        """Requests of which nobody knows what they cost."""
        return self.requests - self.priced

    @property
    def estimated(self) -> int:
        """Requests that broke off, so that a part of their count is estimated."""
        return self.requests - self.measured


class ModelUsages(Repository):
    async def add(self, workspace: str, usages: Sequence[ModelUsage]) -> None:
        """All are of this workspace."""
        rows = [values_of(each) | {"workspace_id": workspace} for each in usages]
        await self._transaction.add(_INSERT, rows)

    async def of_turns(self, workspace: str, turn_ids: Sequence[str]) -> Sum:
        return await self._sum(_OF.workspace_id == workspace, _OF.turn_id.in_(turn_ids))

    async def of_member(self, workspace: str, member: str, since: datetime) -> Sum:
        """What they asked themselves; what guests asked on their links is `of_links`."""
        theirs = (_OF.workspace_id == workspace, _OF.member_id == member, _OF.at >= since)
        return await self._sum(*theirs, _OF.link_id == "")

    async def of_links(self, workspace: str, member: str, since: datetime) -> Sum:
        """What guests asked on this member's links."""
        theirs = (_OF.workspace_id == workspace, _OF.member_id == member, _OF.at >= since)
        return await self._sum(*theirs, _OF.link_id != "")

    async def by_day(self, workspace: str, since: datetime, member: str) -> dict[str, int]:
        """Money of each day that has any, by its date in UTC, of what this member asked themselves."""
        day = day_of(self._on_postgres)
        theirs = (_OF.workspace_id == workspace, _OF.member_id == member, _OF.at >= since, _OF.link_id == "")
        rows = await self._session.execute(sa.select(day, sa.func.sum(_OF.money)).where(*theirs).group_by(day))
        return {str(each): int(money or 0) for each, money in rows}

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        return await self._purged(ModelUsage, most, ModelUsage.at < before)

    async def _sum(self, *where: sa.ColumnElement[bool]) -> Sum:
        row = (await self._session.execute(sa.select(*_SUMS).where(*where))).one()
        return Sum(*map(int, row))


def day_of(on_postgres: bool) -> sa.ColumnElement[str]:
    """Of a request: its date in UTC."""
    at = sa.func.timezone("UTC", _OF.at) if on_postgres else _OF.at
    return sa.func.substr(sa.cast(at, sa.String), 1, 10)
