"""What was used since a day: days that are over as they were added up, and what has come since them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from storage.repositories.insights.gathering import NOTHING, NUMBERS, Gathering, Key, Used
from storage.repositories.repository import table_of
from storage.repositories.spending.model_usage import day_of
from storage.tables import ModelUsage, ToolUsage, UsageDay
from storage.tables.watch.usage_days import ALL, KINDS

_SUMS = tuple(sa.func.sum(getattr(UsageDay, name)) for name in NUMBERS)
A_DAY = timedelta(days=1)


class Days(Gathering):
    async def used(self, workspace: str, kind: str, since: datetime, keys: Sequence[str] = ()) -> dict[Key, Used]:
        """By key and tool, from the beginning of that day on, in UTC; of ``keys`` alone, where there are some."""
        first = since.astimezone(UTC).date()
        added_up = await self.added_up_to(workspace)
        found: dict[Key, Used] = {}
        if added_up and added_up >= first:
            found = await self._of_days(workspace, kind, first, keys)
        live = begins(max(first, added_up + A_DAY if added_up else first))
        for key, more in (await self.gathered(workspace, kind, live)).items():
            if not keys or key[0] in keys:
                found[key] = found.get(key, NOTHING) + more
        return found

    async def of_member(self, workspace: str, kind: str, since: datetime, member: str) -> dict[Key, Used]:
        """Of them alone, with guests on their links: from the rows themselves, by their own index."""
        return await self.gathered(workspace, kind, since, member=member)

    async def whole(self, workspace: str, since: datetime) -> Used:
        return (await self.used(workspace, ALL, since)).get(("", ""), NOTHING)

    async def money_by_day(self, workspace: str, since: datetime) -> dict[str, int]:
        """Of requests, for each day that has any, by its date in UTC."""
        first, added_up = since.astimezone(UTC).date(), await self.added_up_to(workspace)
        query = sa.select(UsageDay.day, UsageDay.money).where(*_of(workspace, ALL), UsageDay.day >= first)
        found = {day.isoformat(): int(money) for day, money in await self._session.execute(query)}
        live = begins(max(first, added_up + A_DAY if added_up else first))
        since_then = sa.select(day := day_of(self._on_postgres), sa.func.sum(ModelUsage.money))
        rows = since_then.where(ModelUsage.workspace_id == workspace, ModelUsage.at >= live).group_by(day)
        found |= {str(each): int(money or 0) for each, money in await self._session.execute(rows)}
        return {each: money for each, money in found.items() if money}

    async def added_up_to(self, workspace: str) -> date | None:
        """The last day that is; None before the first."""
        newest = await self._session.scalar(sa.select(sa.func.max(UsageDay.day)).where(*_of(workspace, ALL)))
        return newest if isinstance(newest, date) else None

    async def first_used(self, workspace: str) -> date | None:
        """The first day of which there are rows to add up."""
        moments = [
            await self._session.scalar(sa.select(sa.func.min(table.at)).where(table.workspace_id == workspace))
            for table in (ToolUsage, ModelUsage)
        ]
        first = min((each for each in moments if isinstance(each, datetime)), default=None)
        return first.astimezone(UTC).date() if first else None

    async def add_up(self, workspace: str, day: date) -> None:
        """Anew, where it was already."""
        rows: list[dict[str, Any]] = []
        for kind in KINDS:
            found = await self.gathered(workspace, kind, begins(day), begins(day + A_DAY))
            found = found or ({("", ""): NOTHING} if kind == ALL else {})
            where = {"workspace_id": workspace, "kind": kind, "day": day}
            rows += [{**where, "key": key[:80], "tool": tool, **asdict(each)} for (key, tool), each in found.items()]
        gone = sa.delete(UsageDay).where(UsageDay.workspace_id == workspace, UsageDay.day == day)
        await self._session.execute(gone)
        await self._session.execute(sa.insert(table_of(UsageDay)), rows)

    async def forget_days(self, workspace: str, before: date) -> int:
        return await self._count(sa.delete(UsageDay).where(UsageDay.workspace_id == workspace, UsageDay.day < before))

    async def _of_days(self, workspace: str, kind: str, first: date, keys: Sequence[str]) -> dict[Key, Used]:
        query = sa.select(UsageDay.key, UsageDay.tool, sa.func.max(UsageDay.last), *_SUMS)
        query = query.where(*_of(workspace, kind), UsageDay.day >= first).group_by(UsageDay.key, UsageDay.tool)
        if keys:
            query = query.where(UsageDay.key.in_(keys))
        return {
            (key, tool): Used(**dict(zip(NUMBERS, map(int, sums), strict=True)), last=last)
            for key, tool, last, *sums in await self._session.execute(query)
        }


def _of(workspace: str, kind: str) -> Sequence[sa.ColumnElement[bool]]:
    return UsageDay.workspace_id == workspace, UsageDay.kind == kind


def begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
