"""Tickets: single-use URLs, found by the hash of their token."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.tables import Ticket


class Tickets(Repository):
    async def add(self, ticket: Ticket) -> Ticket:
        await self._add(ticket)
        return ticket

    async def by_hash(self, token_hash: bytes) -> Ticket | None:
        """Of any workspace, used or expired too: the token alone says which."""
        return await self._session.scalar(sa.select(Ticket).where(Ticket.hash == token_hash))

    async def count_try(self, ticket_id: str) -> int:
        """Note one more failed try; how many there were."""
        change = sa.update(Ticket).where(Ticket.id == ticket_id).values(tries=Ticket.tries + 1)
        return await self._session.scalar(change.returning(Ticket.tries)) or 0

    async def take_back_try(self, ticket_id: str) -> None:
        """It was none: what was tried was right."""
        await self._did(sa.update(Ticket).where(Ticket.id == ticket_id).values(tries=Ticket.tries - 1))

    async def note(self, ticket_id: str, payload: dict[str, Any]) -> bool:
        """Keep this with it from now on."""
        return await self._did(sa.update(Ticket).where(Ticket.id == ticket_id).values(payload=payload))

    async def use(self, ticket_id: str, now: datetime) -> bool:
        """Use it up; False when it was used before or its time is over."""
        free = sa.update(Ticket).where(Ticket.id == ticket_id, Ticket.used_at.is_(None), Ticket.expires_at > now)
        return await self._did(free.values(used_at=now))

    async def void(self, workspace: str, now: datetime) -> int:
        """Use up all that could still be used; how many."""
        open_ = sa.update(Ticket).where(Ticket.workspace_id == workspace, Ticket.used_at.is_(None))
        return await self._count(open_.where(Ticket.expires_at > now).values(used_at=now))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        """Forget those that expired before that time."""
        return await self._purged(Ticket, most, Ticket.expires_at < before)
