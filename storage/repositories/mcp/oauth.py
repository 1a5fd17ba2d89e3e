"""Sign-ins under way, each taken once; and the lease under which a grant is renewed."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.tables import OAuthFlow, OAuthLease


class OAuth(Repository):
    async def begin(self, flow: OAuthFlow) -> None:
        await self._add(flow)

    async def take(self, state_hash: bytes, browser_hash: bytes) -> OAuthFlow | None:
        """The flow, which is gone with it; of a browser that did not begin it nothing is touched."""
        ours = (OAuthFlow.state_hash == state_hash, OAuthFlow.browser_hash == browser_hash)
        return await self._session.scalar(sa.delete(OAuthFlow).where(*ours).returning(OAuthFlow))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        """Forget the flows that expired before that time, and leases of the dead; how many flows there were."""
        await self._purged(OAuthLease, most, OAuthLease.until < before)
        return await self._purged(OAuthFlow, most, OAuthFlow.expires_at < before)

    async def take_lease(
        self, workspace: str, connection_id: str, holder: str, now: datetime, *, until: datetime
    ) -> bool:
        """False while another holds it."""
        insert = self._insert(OAuthLease).values(
            workspace_id=workspace, connection_id=connection_id, holder=holder, until=until
        )
        return await self._did(
            insert.on_conflict_do_update(
                index_elements=["connection_id"],
                set_={"holder": holder, "until": until},
                where=OAuthLease.until < now,
            )
        )

    async def give_back_lease(self, workspace: str, connection_id: str, holder: str) -> bool:
        ours = (OAuthLease.workspace_id == workspace, OAuthLease.connection_id == connection_id)
        return await self._did(sa.delete(OAuthLease).where(*ours, OAuthLease.holder == holder))
