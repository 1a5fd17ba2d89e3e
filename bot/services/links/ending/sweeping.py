"""What time does to links: they expire, quiet chats rest or end, unused ones give their place back."""

from collections.abc import Iterable
from datetime import timedelta

from bot.services.links.ending import resting
from bot.services.links.ending.ending import REST_AFTER, end_session
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Link, Session

UNUSED = timedelta(minutes=10)


async def sweep(db: Database) -> tuple[list[str], list[str]]:
    """The conversations that ended, and those that rest from now on, to be rung."""
    async with db.read() as tables:
        due = await tables.links.due_to_close(now())
        idle = await _too_quiet(tables)
        unused = await tables.sessions.unused(now() - UNUSED)
    ended = [each for link in due for each in await _close(db, link)]
    for session, reason in [*_with(idle, "idle"), *_with(unused, "unused")]:
        if await _end(db, session, reason):
            ended.append(session.conversation_id)
    return ended, await resting.sweep(db)


async def _too_quiet(tables: Tables) -> list[Session]:
    """Whose links end chats by silence."""
    found: list[Session] = []
    for minutes in await tables.sessions.idle_limits():
        limit = timedelta(minutes=minutes)
        if limit <= REST_AFTER:
            found += await tables.sessions.idle(minutes, now() - limit)
        else:
            found += await tables.sessions.resting(minutes, now() - limit + REST_AFTER)
    return found


def _with(sessions: Iterable[Session], reason: str) -> list[tuple[Session, str]]:
    return [(session, reason) for session in sessions]


async def _close(db: Database, link: Link) -> list[str]:
    reason = "revoked" if link.revoked_at else "expired"
    async with db.begin() as tables:
        if not await tables.links.close(link.workspace_id, link.id, now()):
            return []
        sessions = await tables.sessions.of(link.workspace_id, link.id)
        ended = [each.conversation_id for each in sessions if await end_session(tables, link, each, reason)]
        if reason == "expired":  # who revokes it says so
            await tables.audit.add(link.workspace_id, "usher", "link.expired", link.id, {"guests": len(ended)})
        return ended


async def _end(db: Database, session: Session, reason: str) -> bool:
    async with db.begin() as tables:
        link = await tables.links.get(session.workspace_id, session.link_id)
        if link is None or not await end_session(tables, link, session, reason):
            return False
        detail = {"session": session.id, "reason": reason}
        await tables.audit.add(session.workspace_id, "usher", "chat.ended", session.link_id, detail)
        return True
