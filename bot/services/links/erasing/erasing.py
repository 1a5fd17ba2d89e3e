"""A guest's chat is deleted: ended first, then all that was said in it, then what stands of it in Slack."""

import logging
from datetime import datetime, timedelta

from bot.errors import NotYours, UserError
from bot.services.links.ending.ending import FORGET, end_session, quiet
from bot.services.links.values import ERASED, Guest
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Link, Session

COPIES = "erase_copies"
"""The job that takes it out of Slack."""
NOT_YOURS = "Only the person who made the link can delete its chats. Ask them."
GONE = "This chat has been deleted already: you need do nothing more."
WITHIN = 8.0
"""Seconds that who asks waits for a running answer to stop; a slower one is deleted by the next round."""

log = logging.getLogger(__name__)


class Erasing:
    """Asked for in one transaction, done in another: a crash between the two is made good by the next round."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def by_guest(self, guest: Guest) -> bool:
        """False when it was asked for before."""
        async with self._db.begin() as tables:
            asked = await _ask(tables, guest.link, guest.session, "guest")
            if asked:
                await _noted(tables, guest.session, f"guest:{guest.session.id}", "link.deletion_asked")
        await self._at_once(asked)
        return asked is not None

    async def by_host(self, host: Member, session_id: str) -> None:
        """Raises `NotYours`, `UserError`."""
        async with self._db.begin() as tables:
            session = await tables.sessions.get(host.workspace, session_id)
            link = await tables.links.get(host.workspace, session.link_id) if session else None
            if session is None or link is None or link.creator_id != host.id:
                raise NotYours(NOT_YOURS)
            asked = await _ask(tables, link, session, "host")
            if asked is None:
                raise UserError(GONE)
            await _noted(tables, session, host.id, "link.deletion_asked")
        await self._at_once(asked)

    async def finish(self, session: Session) -> bool:
        """Delete what was said; False while an answer is still being stopped, or when another has done it."""
        async with self._db.begin() as tables:
            if not await tables.erasures.quiet(session):
                return False
            gone = await tables.erasures.erase(session, now())
            if gone is None:
                return False
            payload = {"workspace": session.workspace_id, "session_id": session.id, "link_id": session.link_id}
            await tables.jobs.add(COPIES, f"{COPIES}:{session.id}", payload, now(), workspace=session.workspace_id)
            detail = {"session": session.id, "by": session.erase_asked_by, **gone}
            await tables.audit.add(session.workspace_id, "usher", "link.purged", session.link_id, detail)
        await self._db.settle_file()
        await self._bus.tell(FORGET, session.conversation_id)
        await self._bus.tell("jobs")
        return True

    async def left(self) -> int:
        """What was asked for and could not be done at once, or was cut off; how many chats are deleted now."""
        async with self._db.read() as tables:
            waiting = await tables.erasures.waiting()
        return sum([await self.finish(session) for session in waiting])

    async def overdue(self, workspace: str, usual: timedelta, begun_by: datetime | None = None) -> int:
        """Chats that have been kept for their time, at most ``usual`` after their end; how many.

        ``begun_by``: of those alone that were started until then.
        """
        async with self._db.begin() as tables:
            old = await tables.erasures.ask_for_old(workspace, usual / timedelta(hours=1), now(), begun_by)
        return sum([await self.finish(session) for session in old])

    async def _at_once(self, session: Session | None) -> None:
        if session is None:
            return
        for topic in ("conversation", "stop"):
            await self._bus.tell(f"{topic}:{session.conversation_id}")
        async with self._db.read() as tables:
            turns = await tables.turns.lately_in(session.workspace_id, session.conversation_id)
        await quiet(self._db, self._bus, session.workspace_id, [turn.id for turn in turns], WITHIN)
        if not await self.finish(session):
            log.info("a chat is deleted as soon as its last answer has stopped")


async def _ask(tables: Tables, link: Link, session: Session, by: str) -> Session | None:
    await end_session(tables, link, session, ERASED[by])
    return await tables.erasures.ask(session.workspace_id, session.id, by)


async def _noted(tables: Tables, session: Session, actor: str, action: str) -> None:
    await tables.audit.add(session.workspace_id, actor, action, session.link_id, {"session": session.id})
