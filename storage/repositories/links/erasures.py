"""What guests' chats leave behind, and how it goes: the rows of their words, all but the session's own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import (
    Approval,
    Conversation,
    Elicitation,
    Event,
    GuestFile,
    Job,
    Link,
    Message,
    OneTimeCode,
    Result,
    Session,
    Turn,
)

JOBS = ("mirror", "guest_started", "guest_ended", "guest_answers", "guest_files")
"""Kinds that carry a guest's name until they are done."""
LIVE = ("queued", "running")


class Erasures(Repository):
    async def ask(self, workspace: str, session_id: str, by: str) -> Session | None:
        """From now on nothing of it is shown; None when that was asked for before."""
        ours = (Session.workspace_id == workspace, Session.id == session_id, Session.erase_asked_by == "")
        asked = sa.update(Session).where(*ours).values(erase_asked_by=by).returning(Session)
        return await self._session.scalar(asked)

    async def ask_for_old(
        self, workspace: str, usual_hours: float, now: datetime, begun_by: datetime | None = None, limit: int = 100
    ) -> list[Session]:
        """Chats that were kept for as long as their link says, or ``usual_hours``, which are the most; asked for now.

        ``begun_by``: those alone that were started until then, and so promised.
        """
        early = () if begun_by is None else (Session.started_at < begun_by,)
        old = [*await self._kept_longer(workspace, None, usual_hours, now, limit, *early)]
        for hours in await self._keeping(workspace):
            old += await self._kept_longer(workspace, hours, min(hours, usual_hours), now, limit, *early)
        found = [await self.ask(each.workspace_id, each.id, "time") for each in old[:limit]]
        return [each for each in found if each]

    async def count_old(self, workspace: str, before: datetime, most: int) -> int:
        """Chats that ended before that and are kept, counted no further than ``most``."""
        ended = (Session.workspace_id == workspace, Session.erase_asked_by == "", Session.ended_at < before)
        some = sa.select(Session.id).where(*ended).limit(most).subquery()
        return await self._session.scalar(sa.select(sa.func.count()).select_from(some)) or 0

    async def waiting(self, limit: int = 100) -> list[Session]:
        """Those that are to be erased and still are not."""
        open_ones = (Session.erase_asked_by != "", Session.erased_at.is_(None))
        return await self._rows(sa.select(Session).where(*open_ones).order_by(Session.last_at).limit(limit))

    async def standing(self, workspace: str) -> tuple[int, datetime | None, int]:
        """Chats that ended and are kept, when the oldest of them did, and how many wait to be erased."""
        ours = (Session.workspace_id == workspace, Session.erased_at.is_(None))
        kept = sa.select(sa.func.count(), sa.func.min(Session.ended_at)).where(
            *ours, Session.ended_at.is_not(None), Session.erase_asked_by == ""
        )
        count, oldest = (await self._session.execute(kept)).one()
        waiting = sa.select(sa.func.count()).select_from(Session).where(*ours, Session.erase_asked_by != "")
        return count, oldest, await self._session.scalar(waiting) or 0

    async def quiet(self, session: Session) -> bool:
        """Nothing is being said in it any more, so that nothing can be added to what is erased."""
        here = (Turn.workspace_id == session.workspace_id, Turn.conversation_id == session.conversation_id)
        live = sa.select(sa.func.count()).select_from(Turn).where(*here, Turn.status.in_(LIVE))
        return not await self._session.scalar(live)

    async def erase(self, session: Session, now: datetime) -> dict[str, int] | None:
        """How many rows of each kind are gone; None when another did it. The log keeps its end, which says no more.

        A session's row stays, so that its guest can be told what became of it, and the place it took counts.
        """
        mine = (Session.workspace_id == session.workspace_id, Session.id == session.id, Session.erased_at.is_(None))
        if not await self._did(sa.update(Session).where(*mine).values(erased_at=now, guest_name="")):
            return None
        counts = {
            name: await self._gone(table, session, *besides)
            for name, table, besides in (
                ("turns", Turn, ()),
                ("approvals", Approval, ()),
                ("questions", Elicitation, ()),
                ("messages", Message, ()),
                ("events", Event, (Event.kind != "end",)),
            )
        }
        bare = sa.update(Conversation).where(Conversation.id == session.conversation_id)
        await self._session.execute(bare.values(summary="", folded=0))
        counts["files"] = await self._count(sa.delete(GuestFile).where(GuestFile.session_id == session.id))
        await self._count(sa.delete(Result).where(Result.session_id == session.id))
        await self._count(sa.delete(OneTimeCode).where(OneTimeCode.session_id == session.id))
        await self._count(sa.delete(Job).where(Job.once.in_([f"{kind}:{session.id}" for kind in JOBS])))
        return counts

    async def _gone(self, table: Any, session: Session, *besides: sa.ColumnElement[bool]) -> int:
        here = (table.workspace_id == session.workspace_id, table.conversation_id == session.conversation_id)
        return await self._count(sa.delete(table).where(*here, *besides))

    async def _keeping(self, workspace: str) -> Sequence[int]:
        """The times that links have of their own."""
        own = sa.select(Link.keep_hours).where(Link.workspace_id == workspace, Link.keep_hours.is_not(None))
        return list(await self._session.scalars(own.distinct()))

    async def _kept_longer(
        self,
        workspace: str,
        own: int | None,
        hours: float,
        now: datetime,
        limit: int,
        *besides: sa.ColumnElement[bool],
    ) -> list[Session]:
        of_link = Link.keep_hours.is_(None) if own is None else Link.keep_hours == own
        old = (Session.ended_at < now - timedelta(hours=hours), Session.erase_asked_by == "", of_link)
        query = sa.select(Session).join(Link, Link.id == Session.link_id)
        query = query.where(Session.workspace_id == workspace, *old, *besides)
        return await self._rows(query.order_by(Session.ended_at).limit(limit))
