"""How often links were looked at."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Link, Opening


class Openings(Repository):
    async def count(self, link: Link, now: datetime, *, people: int, machines: int) -> None:
        """So many more; of a link that is gone nothing is counted."""
        row = {"link_id": link.id, "workspace_id": link.workspace_id, "people": people, "machines": machines}
        insert = self._insert(Opening).values(**row, last_at=now)
        more = {"people": Opening.people + people, "machines": Opening.machines + machines, "last_at": now}
        await self._session.execute(insert.on_conflict_do_update(index_elements=["link_id"], set_=more))

    async def of(self, workspace: str, link_ids: list[str]) -> list[Opening]:
        query = sa.select(Opening).where(Opening.workspace_id == workspace, Opening.link_id.in_(link_ids))
        return await self._rows(query)
