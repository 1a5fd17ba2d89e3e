"""Access tokens, found by their hash."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.tables import AccessToken


def _of(workspace: str, member: str, kind: str, at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """The member's that are alive."""
    theirs = (AccessToken.workspace_id == workspace, AccessToken.member_id == member, AccessToken.kind == kind)
    return *theirs, AccessToken.revoked_at.is_(None), AccessToken.expires_at > at


class AccessTokens(Repository):
    async def add(self, token: AccessToken) -> AccessToken:
        await self._add(token)
        return token

    async def by_hash(self, token_hash: bytes, at: datetime) -> AccessToken | None:
        """Of any workspace, while it is alive: the token alone says which."""
        alive = (AccessToken.hash == token_hash, AccessToken.revoked_at.is_(None), AccessToken.expires_at > at)
        found: AccessToken | None = await self._session.scalar(sa.select(AccessToken).where(*alive))
        return found

    async def of(self, workspace: str, member: str, kind: str, at: datetime) -> list[AccessToken]:
        """Those that are alive, the newest first."""
        query = sa.select(AccessToken).where(*_of(workspace, member, kind, at))
        return await self._rows(query.order_by(AccessToken.created_at.desc(), AccessToken.id.desc()))

    async def used(self, workspace: str, token_id: str, at: datetime) -> None:
        change = sa.update(AccessToken).where(AccessToken.workspace_id == workspace, AccessToken.id == token_id)
        await self._did(change.values(used_at=at))

    async def revoke(self, workspace: str, member: str, token_id: str, at: datetime) -> AccessToken | None:
        """The member's own, once; None where there is none, or it was dead."""
        theirs = (AccessToken.workspace_id == workspace, AccessToken.member_id == member, AccessToken.id == token_id)
        change = sa.update(AccessToken).where(*theirs, AccessToken.revoked_at.is_(None)).values(revoked_at=at)
        found: AccessToken | None = await self._session.scalar(change.returning(AccessToken))
        return found

    async def revoke_all(self, workspace: str, at: datetime, member: str = "") -> list[str]:
        """The ids of those that were alive; without a ``member`` those of the whole workspace."""
        alive = sa.update(AccessToken).where(AccessToken.workspace_id == workspace, AccessToken.revoked_at.is_(None))
        if member:
            alive = alive.where(AccessToken.member_id == member)
        return list(await self._session.scalars(alive.values(revoked_at=at).returning(AccessToken.id)))

    async def shorten(self, workspace: str, member: str, kind: str, until: datetime) -> None:
        """None of these lives longer than that."""
        longer = sa.update(AccessToken).where(*_of(workspace, member, kind, until))
        await self._did(longer.values(expires_at=until))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        """Forget those that died before that time."""
        over = sa.or_(AccessToken.revoked_at < before, AccessToken.expires_at < before)
        return await self._purged(AccessToken, most, over)
