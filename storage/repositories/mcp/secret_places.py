"""What may lie in stores outside: noted before it is put there, taken away once no secret names it."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.schema import now
from storage.tables import Secret, SecretPlace


def _one(store: str, place: str) -> tuple[sa.ColumnElement[bool], ...]:
    return SecretPlace.store == store, SecretPlace.place == place


class SecretPlaces(Repository):
    async def note(self, store: str, place: str) -> None:
        """Before anything is put there."""
        await self._add(SecretPlace(store=store, place=place))

    async def hold(self, store: str, place: str) -> bool:
        """In the transaction in which a secret comes to name it; False when it is being taken away already."""
        change = sa.update(SecretPlace).where(*_one(store, place), SecretPlace.leaving.is_(False))
        # A new time, since PostgreSQL looks again at this row alone when `leave` has waited for us.
        return await self._did(change.values(since=now()))

    async def leave(self, before: datetime, after: SecretPlace | None, limit: int) -> list[SecretPlace]:
        """Those to be taken away, in a fixed order: no secret names them, and nobody fills them any more.

        Whoever noted them had time for that since ``before``.
        """
        named = sa.select(Secret.owner).where(Secret.store == SecretPlace.store, Secret.place == SecretPlace.place)
        unnamed = sa.and_(SecretPlace.since < before, ~named.exists())
        due = sa.select(SecretPlace.place).where(sa.or_(SecretPlace.leaving, unnamed))
        if after:
            due = due.where(SecretPlace.place > after.place)
        change = sa.update(SecretPlace).where(
            SecretPlace.place.in_(due.order_by(SecretPlace.place).limit(limit)),
            sa.or_(SecretPlace.leaving, SecretPlace.since < before),
        )
        rows = await self._rows(change.values(leaving=True).returning(SecretPlace))
        return sorted(rows, key=lambda row: row.place)

    async def gone(self, store: str, place: str) -> None:
        await self._session.execute(sa.delete(SecretPlace).where(*_one(store, place)))

    async def count_leaving(self) -> int:
        query = sa.select(sa.func.count()).select_from(SecretPlace).where(SecretPlace.leaving)
        return await self._session.scalar(query) or 0
