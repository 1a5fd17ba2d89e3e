"""What looked like an attack: noted in bundles, counted by kind, forgotten after days."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Link, SecurityEvent, Ticket, Workspace


class Noted(NamedTuple):
    event: SecurityEvent
    ticket: bytes = b""
    """The hash of the page's own, where it is one of those that a ticket opens."""


class Security(Repository):
    async def add(self, noted: Iterable[Noted]) -> None:
        """Each is given the workspace of the link or ticket that was meant; where there is one alone, it is that."""
        noted = list(noted)
        links = await self._whose(Link.id, Link.workspace_id, {each.event.link_id for each in noted} - {None})
        tickets = await self._whose(Ticket.hash, Ticket.workspace_id, {each.ticket for each in noted} - {b""})
        alone = await self._alone()
        for event, ticket in noted:
            of_link = links.get(event.link_id)
            event.link_id = event.link_id if of_link else None
            event.workspace_id = of_link or tickets.get(ticket) or alone
        await self._add(*(each.event for each in noted))

    async def _whose(self, key: Any, workspace: Any, meant: Collection[Any]) -> dict[Any, str]:
        """By what was meant, as far as it is known."""
        if not meant:
            return {}
        found = await self._session.execute(sa.select(key, workspace).where(key.in_(list(meant))))
        return {each: whose for each, whose in found}

    async def _alone(self) -> str | None:
        """The workspace of an installation that has no other."""
        found = list(await self._session.scalars(sa.select(Workspace.id).limit(2)))
        return found[0] if len(found) == 1 else None

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
