"""What looked like an attack: noted in bundles, counted by kind, forgotten after days."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Link, SecurityEvent


class Security(Repository):
    async def add(self, events: Iterable[SecurityEvent]) -> None:
        """Those that name a link are given its workspace."""
        events = list(events)
        meant = {each.link_id for each in events if each.link_id}
        query = sa.select(Link.id, Link.workspace_id).where(Link.id.in_(meant))
        found = {link: workspace for link, workspace in await self._session.execute(query)} if meant else {}
        for each in events:
            each.workspace_id = found.get(each.link_id or "")
            each.link_id = each.link_id if each.workspace_id else None
        await self._add(*events)

    async def counts(self, since: datetime) -> dict[tuple[str, str | None], int]:
        """How many of each kind since then, for each workspace and for none."""
        total = sa.func.sum(SecurityEvent.count)
        query = sa.select(SecurityEvent.kind, SecurityEvent.workspace_id, total).where(SecurityEvent.at >= since)
        rows = await self._session.execute(query.group_by(SecurityEvent.kind, SecurityEvent.workspace_id))
        return {(kind, workspace): int(count) for kind, workspace, count in rows}

    async def networks(self, kind: str, since: datetime, limit: int = 3) -> list[str]:
        """From where most of them came."""
        total = sa.func.sum(SecurityEvent.count)
        query = sa.select(SecurityEvent.network).where(SecurityEvent.kind == kind, SecurityEvent.at >= since)
        return list(
            await self._session.scalars(query.group_by(SecurityEvent.network).order_by(total.desc()).limit(limit))
        )

    async def purge(self, before: datetime) -> int:
        return await self._count(sa.delete(SecurityEvent).where(SecurityEvent.at < before))
