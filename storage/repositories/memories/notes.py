"""Notes: short sentences of a member's own."""

import sqlalchemy as sa

from storage.members import Member
from storage.repositories.repository import Repository
from storage.tables import Note


def _mine(member: Member) -> tuple[sa.ColumnElement[bool], ...]:
    return Note.workspace_id == member.workspace, Note.member_id == member.id


class Notes(Repository):
    async def of(self, member: Member) -> list[Note]:
        """Oldest first."""
        return await self._rows(sa.select(Note).where(*_mine(member)).order_by(Note.since, Note.id))

    async def add(self, note: Note, most: int) -> bool:
        """False when there are as many already: two that come at once are counted one after the other."""
        if self._on_postgres:
            key = sa.func.hashtextextended(f"notes:{note.workspace_id}:{note.member_id}", 0)
            await self._session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
        member = Member(note.workspace_id, note.member_id)
        if len(await self.of(member)) >= most:
            return False
        await self._add(note)
        return True

    async def delete(self, member: Member, note_id: str) -> Note | None:
        """None when it is gone, or another member's."""
        gone = sa.delete(Note).where(*_mine(member), Note.id == note_id).returning(Note)
        return await self._session.scalar(gone)

    async def forget(self, member: Member) -> int:
        return await self._count(sa.delete(Note).where(*_mine(member)))
