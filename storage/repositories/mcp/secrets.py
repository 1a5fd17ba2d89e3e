"""Sealed secrets. What is in them only the vault above knows."""

from collections.abc import Callable, Collection

import sqlalchemy as sa

from storage.repositories.repository import Repository, values_of
from storage.tables import Secret

KEY = ("workspace_id", "member_id", "owner", "field")


class Secrets(Repository):
    async def get(self, workspace: str, member: str, owner: str, field: str) -> Secret | None:
        ours = (Secret.workspace_id == workspace, Secret.member_id == member, Secret.owner == owner)
        return await self._session.scalar(sa.select(Secret).where(*ours, Secret.field == field))

    async def put(self, secret: Secret) -> None:
        """Keep it in place of the one there was."""
        values = values_of(secret)
        sealed = {name: value for name, value in values.items() if name not in KEY}
        insert = self._insert(Secret).values(**values)
        await self._session.execute(insert.on_conflict_do_update(index_elements=KEY, set_=sealed))

    async def delete_of(self, workspace: str, member: str, owner: str) -> int:
        """All fields of one connection, or of one ticket."""
        ours = (Secret.workspace_id == workspace, Secret.member_id == member, Secret.owner == owner)
        return await self._count(sa.delete(Secret).where(*ours))

    async def key_ids(self) -> set[str]:
        """The master keys that are still needed."""
        return set(await self._session.scalars(sa.select(Secret.key_id).distinct()))

    async def rewrap_some(
        self,
        older_key_ids: Collection[str],
        rewrap: Callable[[str, bytes], tuple[str, bytes]],
        batch: int = 100,
    ) -> int:
        """Give up to ``batch`` rows another master key; ``rewrap`` maps key id and wrapped key to the new ones."""
        older = sa.select(Secret).where(Secret.key_id.in_(list(older_key_ids))).limit(batch)
        rows = await self._rows(older.with_for_update(skip_locked=True))
        for row in rows:
            row.key_id, row.wrapped_key = rewrap(row.key_id, row.wrapped_key)
        await self._session.flush()
        return len(rows)
