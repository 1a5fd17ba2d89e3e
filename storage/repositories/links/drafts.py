"""Links that are being looked at before they are made."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import A_BATCH, Repository
from storage.tables import LinkDraft


class LinkDrafts(Repository):
    async def add(self, draft: LinkDraft) -> None:
        await self._add(draft)

    async def get(self, workspace: str, member: str, draft_id: str) -> LinkDraft | None:
        """None for anybody but who made it."""
        mine = LinkDraft.workspace_id == workspace, LinkDraft.member_id == member, LinkDraft.id == draft_id
        return await self._session.scalar(sa.select(LinkDraft).where(*mine))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        return await self._purged(LinkDraft, most, LinkDraft.made_at < before)
