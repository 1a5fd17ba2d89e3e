"""Sealed secrets, and where each lies. What is in them only the vault above knows."""

from collections.abc import Callable, Collection
from typing import NamedTuple

import sqlalchemy as sa

from storage.repositories.repository import Repository, values_of
from storage.tables import Secret

KEY = ("workspace_id", "member_id", "owner", "field")
HERE = {"store": "database", "place": "", "bound_for": ""}
_KEY = (Secret.workspace_id, Secret.member_id, Secret.owner, Secret.field)


class Rewrapped(NamedTuple):
    done: int
    last: Secret | None
    """From here on there may be more; None when there are not."""


def _not_in(store: str) -> sa.ColumnElement[bool]:
    return sa.or_(Secret.store != store, Secret.bound_for.not_in(["", store]))


def _some(which: sa.ColumnElement[bool], after: Secret | None, limit: int) -> sa.Select[Secret]:
    query = sa.select(Secret).where(which).order_by(*_KEY).limit(limit)
    if after is None:
        return query
    return query.where(sa.tuple_(*_KEY) > sa.tuple_(*(getattr(after, name) for name in KEY)))


class Secrets(Repository):
    async def get(self, workspace: str, member: str, owner: str, field: str) -> Secret | None:
        ours = (Secret.workspace_id == workspace, Secret.member_id == member, Secret.owner == owner)
        return await self._session.scalar(sa.select(Secret).where(*ours, Secret.field == field))

    async def of(self, workspace: str, member: str, owner: str) -> list[Secret]:
        """All of one connection, or of one ticket, by field."""
        ours = (Secret.workspace_id == workspace, Secret.member_id == member, Secret.owner == owner)
        return await self._rows(sa.select(Secret).where(*ours).order_by(Secret.field))

    async def put(self, secret: Secret) -> None:
        """Keep it in place of the one there was."""
        values = {**HERE, **values_of(secret)}
        sealed = {name: value for name, value in values.items() if name not in KEY}
        insert = self._insert(Secret).values(**values)
        await self._session.execute(insert.on_conflict_do_update(index_elements=KEY, set_=sealed))

    async def delete_of(self, workspace: str, member: str, owner: str) -> int:
        """All fields of one connection, or of one ticket."""
        ours = (Secret.workspace_id == workspace, Secret.member_id == member, Secret.owner == owner)
        return await self._count(sa.delete(Secret).where(*ours))

    async def delete_all(self, workspace: str) -> int:
        """Of all its members, and those that are no member's."""
        return await self._count(sa.delete(Secret).where(Secret.workspace_id == workspace))

    async def bound(self, after: Secret | None, limit: int) -> list[Secret]:
        """Those that are still to be taken to another store, in a fixed order."""
        return await self._rows(_some(Secret.bound_for != "", after, limit))

    async def not_in(self, store: str, after: Secret | None, limit: int) -> list[Secret]:
        """Those that do not lie in this store, or are bound for another, in a fixed order."""
        return await self._rows(_some(_not_in(store), after, limit))

    async def count_not_in(self, store: str) -> int:
        return await self._session.scalar(sa.select(sa.func.count()).select_from(Secret).where(_not_in(store))) or 0

    async def moved(self, secret: Secret, *, store: str, place: str, ciphertext: bytes) -> bool:
        """False when it is another secret by now, or lies elsewhere."""
        same = (*(column == getattr(secret, name) for column, name in zip(_KEY, KEY, strict=True)),)
        seen = (Secret.nonce == secret.nonce, Secret.store == secret.store, Secret.place == secret.place)
        there = {"store": store, "place": place, "ciphertext": ciphertext, "bound_for": ""}
        return await self._did(sa.update(Secret).where(*same, *seen).values(**there))

    async def counts(self) -> dict[str, int]:
        """How many lie in each store."""
        found = await self._session.execute(sa.select(Secret.store, sa.func.count()).group_by(Secret.store))
        return {store: number for store, number in found}

    async def count_bound(self) -> int:
        """How many are still to be taken to another store."""
        query = sa.select(sa.func.count()).select_from(Secret).where(Secret.bound_for != "")
        return await self._session.scalar(query) or 0

    async def not_under(self, key_id: str, after: Secret | None, limit: int) -> list[Secret]:
        """Those that another master key wraps, in a fixed order."""
        return await self._rows(_some(Secret.key_id != key_id, after, limit))

    async def count_not_under(self, key_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(Secret).where(Secret.key_id != key_id)
        return await self._session.scalar(query) or 0

    async def key_ids(self) -> set[str]:
        """The master keys that are still needed."""
        return set(await self._session.scalars(sa.select(Secret.key_id).distinct()))

    async def rewrap_some(
        self,
        older_key_ids: Collection[str],
        rewrap: Callable[[str, bytes], tuple[str, bytes] | None],
        after: Secret | None,
        batch: int = 100,
    ) -> Rewrapped:
        """Give up to ``batch`` rows another master key.

        ``rewrap`` maps key id and wrapped key to the new ones; None leaves a row as it is.
        """
        older = _some(Secret.key_id.in_(list(older_key_ids)), after, batch)
        rows, done = await self._rows(older.with_for_update(skip_locked=True)), 0
        for row in rows:
            if newer := rewrap(row.key_id, row.wrapped_key):
                row.key_id, row.wrapped_key = newer
                done += 1
        await self._session.flush()
        return Rewrapped(done, rows[-1] if rows else None)
