"""Files that came with members' messages, for as long as the model may look at them."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from storage.members import Member
from storage.repositories.repository import A_BATCH, Repository
from storage.tables import Conversation, MemberFile


def _of(workspace: str, conversation_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return MemberFile.workspace_id == workspace, MemberFile.conversation_id == conversation_id


class MemberFiles(Repository):
    async def add(self, files: Sequence[MemberFile]) -> None:
        await self._add(*files)

    async def contents(self, workspace: str, conversation_id: str, ids: Collection[str]) -> dict[str, bytes]:
        query = sa.select(MemberFile.id, MemberFile.content).where(
            *_of(workspace, conversation_id), MemberFile.id.in_(ids)
        )
        return {found: content for found, content in await self._session.execute(query)}

    async def keep_newest(self, workspace: str, conversation_id: str, most: int) -> int:
        """As many bytes of a conversation as ``most``; how many older files went."""
        query = sa.select(MemberFile.id, MemberFile.size).where(*_of(workspace, conversation_id))
        gone, size = [], 0
        for file_id, each in await self._session.execute(query.order_by(MemberFile.id.desc())):
            size += each
            if size > most:
                gone.append(file_id)
        return await self._count(sa.delete(MemberFile).where(MemberFile.id.in_(gone))) if gone else 0

    async def forget(self, member: Member) -> int:
        """All that came with what a member said; how many there were."""
        theirs = sa.select(Conversation.id).where(
            Conversation.workspace_id == member.workspace,
            Conversation.member_id == member.id,
            Conversation.door == "slack",
        )
        return await self._count(sa.delete(MemberFile).where(MemberFile.conversation_id.in_(theirs)))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        return await self._purged(MemberFile, most, MemberFile.created_at < before)
