"""Files that guests sent: metadata in every row that is given out, content only where it is asked for."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from storage.repositories.repository import A_BATCH, Repository
from storage.tables import GuestFile, Session


def _of(workspace: str, session_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return GuestFile.workspace_id == workspace, GuestFile.session_id == session_id


_WAITS = GuestFile.turn_id == ""


class GuestFiles(Repository):
    async def hold(self, workspace: str, session_id: str) -> bool:
        """Until the transaction ends nobody else adds to this chat; False when it is over."""
        mine = Session.workspace_id == workspace, Session.id == session_id, Session.ended_at.is_(None)
        return await self._did(sa.update(Session).where(*mine).values(messages=Session.messages))

    async def add(self, file: GuestFile) -> None:
        await self._add(file)

    async def count(self, workspace: str, session_id: str) -> int:
        """Of a chat, sent or not."""
        query = sa.select(sa.func.count()).select_from(GuestFile).where(*_of(workspace, session_id))
        return await self._session.scalar(query) or 0

    async def waiting(self, workspace: str, session_id: str) -> list[GuestFile]:
        """Not sent yet, oldest first."""
        return await self._rows(sa.select(GuestFile).where(*_of(workspace, session_id), _WAITS).order_by(GuestFile.id))

    async def get(self, workspace: str, session_id: str, file_id: str) -> GuestFile | None:
        """With its content."""
        query = sa.select(GuestFile).where(*_of(workspace, session_id), GuestFile.id == file_id)
        return await self._session.scalar(query.options(undefer(GuestFile.content)))

    async def contents(self, workspace: str, session_id: str, ids: Collection[str]) -> dict[str, bytes]:
        query = sa.select(GuestFile.id, GuestFile.content).where(*_of(workspace, session_id), GuestFile.id.in_(ids))
        return {found: content for found, content in await self._session.execute(query)}

    async def send(self, workspace: str, session_id: str, ids: Collection[str], turn_id: str) -> int:
        """With a message; how many of them waited for one."""
        change = sa.update(GuestFile).where(*_of(workspace, session_id), _WAITS, GuestFile.id.in_(ids))
        return await self._count(change.values(turn_id=turn_id))

    async def remove(self, workspace: str, session_id: str, file_id: str) -> bool:
        """False when it was sent, or is not there."""
        return await self._did(sa.delete(GuestFile).where(*_of(workspace, session_id), _WAITS, GuestFile.id == file_id))

    async def next_to_relay(self, workspace: str, session_id: str) -> GuestFile | None:
        """The first that was sent and does not stand in its host's thread; with its content."""
        due = sa.select(GuestFile).where(*_of(workspace, session_id), ~_WAITS, GuestFile.relayed.is_(False))
        return await self._session.scalar(due.order_by(GuestFile.id).limit(1).options(undefer(GuestFile.content)))

    async def set_relayed(self, workspace: str, file_id: str) -> bool:
        """False when it was before."""
        mine = GuestFile.workspace_id == workspace, GuestFile.id == file_id, GuestFile.relayed.is_(False)
        return await self._did(sa.update(GuestFile).where(*mine).values(relayed=True))

    async def purge(self, before: datetime, most: int = A_BATCH) -> int:
        """What was never sent."""
        return await self._purged(GuestFile, most, _WAITS, GuestFile.created_at < before)
