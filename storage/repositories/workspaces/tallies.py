"""Tallies of the audit: counted up by whoever notes something, taken down by whoever writes the entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Tally, Workspace

SEVERAL = "several"
AT_ONCE = 200
KEY = ("workspace_id", "link_id", "action", "reason", "hour")


@dataclass(frozen=True, order=True)
class Happened:
    """``network`` is masked; empty where nobody's matters."""

    workspace: str
    link: str
    action: str
    reason: str = ""
    network: str = ""


class Tallies(Repository):
    async def count(self, happened: Iterable[tuple[Happened, int]], hour: datetime) -> None:
        """So many more of each; of a workspace that is gone nothing is counted."""
        happened = list(happened)
        there = set(await self._session.scalars(sa.select(Workspace.id).where(Workspace.id.in_(_whose(happened)))))
        rows = [
            {
                "workspace_id": each.workspace,
                "link_id": each.link,
                "action": each.action,
                "reason": each.reason,
                "hour": hour,
                "network": each.network,
                "pending": count,
                "written": 0,
            }
            for each, count in sorted(happened)  # as everybody takes them, or two would wait for each other
            if each.workspace in there
        ]
        for start in range(0, len(rows), AT_ONCE):
            insert = self._insert(Tally).values(rows[start : start + AT_ONCE])
            same = sa.case((Tally.network == insert.excluded.network, Tally.network), else_=SEVERAL)
            more = {"pending": Tally.pending + insert.excluded.pending, "network": same}
            await self._session.execute(insert.on_conflict_do_update(index_elements=KEY, set_=more))

    async def due(self, hour: datetime, limit: int = 500) -> list[Tally]:
        """What is to be written now: the first of each kind in an hour at once, all others when it is over.

        Held until the transaction ends; what another writes just now is not among them.
        """
        first, over = Tally.written == 0, Tally.hour < hour
        query = sa.select(Tally).where(Tally.pending > 0, sa.or_(first, over))
        return await self._rows(query.order_by(*_key()).limit(limit).with_for_update(skip_locked=True))

    async def written(self, tally: Tally) -> None:
        change = sa.update(Tally).where(*(column == getattr(tally, column.key) for column in _key()))
        values = {"pending": Tally.pending - tally.pending, "written": Tally.written + tally.pending}
        await self._session.execute(change.values(values))

    async def purge(self, hour: datetime) -> int:
        return await self._count(sa.delete(Tally).where(Tally.hour < hour, Tally.pending == 0))


def _key() -> list[sa.orm.InstrumentedAttribute[object]]:
    return [getattr(Tally, name) for name in KEY]


def _whose(happened: list[tuple[Happened, int]]) -> set[str]:
    return {each.workspace for each, _ in happened}
