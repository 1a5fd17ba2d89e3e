"""What came of guests' chats."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Result, Session


class Results(Repository):
    async def hold(self, session: Session, now: datetime) -> Result:
        """The session's result, made when there is none, and held until the caller's transaction ends."""
        row = {"session_id": session.id, "workspace_id": session.workspace_id, "link_id": session.link_id}
        insert = self._insert(Result).values(**row, changed_at=now)
        held = insert.on_conflict_do_update(index_elements=["session_id"], set_={"changed_at": now}).returning(Result)
        return (await self._session.scalars(held)).one()

    async def keep(self, workspace: str, session_id: str, **values: Any) -> None:
        change = sa.update(Result).where(Result.workspace_id == workspace, Result.session_id == session_id)
        await self._session.execute(change.values(values))

    async def get(self, workspace: str, session_id: str) -> Result | None:
        query = sa.select(Result).where(Result.workspace_id == workspace, Result.session_id == session_id)
        return await self._session.scalar(query)

    async def of(self, workspace: str, link_ids: list[str]) -> list[Result]:
        """Of all sessions of these links."""
        query = sa.select(Result).where(Result.workspace_id == workspace, Result.link_id.in_(link_ids))
        return await self._rows(query)

    async def shown_nowhere(self, workspace: str, session_ids: Sequence[str]) -> None:
        """The messages that showed these are out of reach."""
        theirs = (Result.workspace_id == workspace, Result.session_id.in_(session_ids))
        await self._session.execute(sa.update(Result).where(*theirs).values(message_ts=""))

    async def shown_as(self, workspace: str, session_id: str, ts: str) -> bool:
        """The message that shows it; False when there is one already."""
        none_yet = (Result.workspace_id == workspace, Result.session_id == session_id, Result.message_ts == "")
        return await self._did(sa.update(Result).where(*none_yet).values(message_ts=ts))
