"""How often links were looked at."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Link, Opening


class Openings(Repository):
    async def count(self, link_id: str, now: datetime, *, people: int, machines: int) -> None:
        """So many more; of a link that is gone nothing is counted."""
        named = ["link_id", "workspace_id", "people", "machines", "last_at"]
        counted = (sa.literal(people), sa.literal(machines), sa.literal(now, Opening.last_at.type))
        there = sa.select(Link.id, Link.workspace_id, *counted).where(Link.id == link_id)
        insert = self._insert(Opening).from_select(named, there)
        more = {"people": Opening.people + people, "machines": Opening.machines + machines, "last_at": now}
        await self._session.execute(insert.on_conflict_do_update(index_elements=["link_id"], set_=more))

    async def of(self, workspace: str, link_ids: list[str]) -> list[Opening]:
        query = sa.select(Opening).where(Opening.workspace_id == workspace, Opening.link_id.in_(link_ids))
        return await self._rows(query)
