"""Guests' sessions on links."""

from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository, values_of
from storage.tables import Approval, Conversation, Session


def _open(workspace: str, session_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Session.workspace_id == workspace, Session.id == session_id, Session.ended_at.is_(None)


def _idle(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Nothing was said since, nothing has happened since, and nothing waits for the link's creator."""
    chat = Conversation.id == Session.conversation_id
    busy = sa.exists().where(chat, Conversation.last_at >= before)
    waits = sa.exists().where(Approval.conversation_id == Session.conversation_id, Approval.state == "asked")
    return Session.ended_at.is_(None), Session.messages > 0, Session.last_at < before, ~busy, ~waits


class Sessions(Repository):
    async def insert(self, session: Session) -> Session:
        """The session as stored, or the one made before by the same press: then its id is another."""
        insert = self._insert(Session).values(**values_of(session))
        new = insert.on_conflict_do_nothing(index_elements=["link_id", "idem_hash"]).returning(Session)
        stored = await self._session.scalar(new)
        if stored is not None:
            return stored
        before = sa.select(Session).where(Session.link_id == session.link_id, Session.idem_hash == session.idem_hash)
        return (await self._session.scalars(before)).one()

    async def get(self, workspace: str, session_id: str) -> Session | None:
        query = sa.select(Session).where(Session.workspace_id == workspace, Session.id == session_id)
        return await self._session.scalar(query)

    async def by_secret(self, link_id: str, secret_hash: bytes) -> Session | None:
        """Also one that has ended: its guest is told why."""
        query = sa.select(Session).where(Session.secret_hash == secret_hash, Session.link_id == link_id)
        return await self._session.scalar(query)

    async def of(self, workspace: str, link_id: str) -> list[Session]:
        """Oldest first."""
        query = sa.select(Session).where(Session.workspace_id == workspace, Session.link_id == link_id)
        return await self._rows(query.order_by(Session.started_at, Session.id))

    async def end(self, workspace: str, session_id: str, reason: str, now: datetime) -> bool:
        """False when it had ended before."""
        change = sa.update(Session).where(*_open(workspace, session_id))
        return await self._did(change.values(ended_at=now, end_reason=reason))

    async def end_unused(self, workspace: str, session_id: str, now: datetime) -> bool:
        """End one in which nothing was said; False when something was meanwhile."""
        change = sa.update(Session).where(*_open(workspace, session_id), Session.messages == 0)
        return await self._did(change.values(ended_at=now, end_reason="unused"))

    async def end_idle(self, workspace: str, session_id: str, before: datetime, now: datetime) -> bool:
        """End one as `idle` names them; False when something has happened in it meanwhile."""
        change = sa.update(Session).where(*_open(workspace, session_id), *_idle(before))
        return await self._did(change.values(ended_at=now, end_reason="idle"))

    async def count_message(self, workspace: str, session_id: str, now: datetime, most: int) -> bool:
        """Count one more; False when the session has ended or has had ``most``."""
        change = sa.update(Session).where(*_open(workspace, session_id), Session.messages < most)
        return await self._did(change.values(messages=Session.messages + 1, last_at=now))

    async def idle(self, before: datetime, limit: int = 100) -> list[Session]:
        """Open ones in which something was said, but nothing since that time, and nobody is waited for."""
        query = sa.select(Session).where(*_idle(before))
        return await self._rows(query.order_by(Session.last_at).limit(limit))

    async def unused(self, before: datetime, limit: int = 100) -> list[Session]:
        """Open ones started before that time in which nothing was said."""
        query = sa.select(Session).where(Session.ended_at.is_(None), Session.messages == 0, Session.started_at < before)
        return await self._rows(query.order_by(Session.last_at).limit(limit))
