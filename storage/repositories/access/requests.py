"""Requests that programs may send again; one INSERT decides which of two is the first."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository, table_of
from storage.tables import AccessToken, ApiRequest


def _one(workspace: str, token_id: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return ApiRequest.workspace_id == workspace, ApiRequest.token_id == token_id, ApiRequest.key == key


class ApiRequests(Repository):
    async def begin(self, workspace: str, token_id: str, key: str, digest: bytes, at: datetime) -> bool:
        """False when one of this key came before, or the token is none of the workspace's."""
        told = {"key": key, "digest": digest, "at": at}
        values = [sa.literal(value, table_of(ApiRequest).c[name].type).label(name) for name, value in told.items()]
        by = sa.select(AccessToken.workspace_id, AccessToken.id, *values)
        by = by.where(AccessToken.workspace_id == workspace, AccessToken.id == token_id)
        row = self._insert(ApiRequest).from_select(["workspace_id", "token_id", *told], by)
        return await self._did(row.on_conflict_do_nothing())

    async def get(self, workspace: str, token_id: str, key: str) -> ApiRequest | None:
        found: ApiRequest | None = await self._session.scalar(
            sa.select(ApiRequest).where(*_one(workspace, token_id, key))
        )
        return found

    async def end(self, workspace: str, token_id: str, key: str, status: int, answer: bytes) -> None:
        change = sa.update(ApiRequest).where(*_one(workspace, token_id, key))
        await self._did(change.values(status=status, answer=answer))

    async def forget(self, workspace: str, token_id: str, key: str) -> None:
        await self._did(sa.delete(ApiRequest).where(*_one(workspace, token_id, key)))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        return await self._purged(ApiRequest, most, ApiRequest.at < before)
