"""Ending a guest's session: the log is closed, what runs is stopped, the creator is told."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from bot import words
from bot.services import log_entries
from bot.services.approvals import approvals
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Link, Session

ABUSE = "abuse"
LEAVES_NOTHING = frozenset({"deleted", "erased"})
"""Ends with which all that was said goes: there is nothing left that its creator could be shown."""
FORGET = "forget"
"""The topic by which every process hears of chats of which nothing may be kept in memory any more."""
REST_AFTER = timedelta(minutes=30)
"""Of silence; what ends a chat later than that is counted on from there."""


async def end_session(tables: Tables, link: Link, session: Session, reason: str) -> bool:
    """In the caller's transaction; False when it had ended before. Afterwards, ring its conversation."""
    here = (session.workspace_id, session.id)
    match reason:
        case "unused":
            ended = await _end_unused(tables, link, session)
        case "idle":
            ended = await _end_idle(tables, link, session)
        case _:
            ended = await tables.sessions.end(*here, reason, now())
    if ended:
        await _close(tables, link, session, reason)
    return ended


async def ring(bus: Bus, conversation_ids: Sequence[str]) -> None:
    """After their end: open pages are told, what runs stops, and nothing of them stays in any process's memory."""
    for conversation_id in conversation_ids:
        await bus.tell(f"conversation:{conversation_id}")
        await bus.tell(f"stop:{conversation_id}")
        await bus.tell(FORGET, conversation_id)
    await bus.tell("jobs")


async def revoke(tables: Tables, link: Link, by: str) -> list[str] | None:
    """In the caller's transaction: the conversations that ended with it, to be rung; None: it was revoked before."""
    revoked = await tables.links.revoke(link.workspace_id, link.id, by, now())
    if revoked is None:
        return None
    sessions = await tables.sessions.of(link.workspace_id, link.id)
    ended = [each for each in sessions if await end_session(tables, revoked, each, "revoked")]
    await tables.links.close(link.workspace_id, link.id, now())
    await tables.audit.add(link.workspace_id, by, "link.revoked", link.id, {"guests": len(ended)})
    return [each.conversation_id for each in ended]


async def revoke_each(db: Database, links: Sequence[Link], by: str) -> list[str]:
    """Each in a transaction of its own; the conversations that ended, to be rung."""
    ended: list[str] = []
    for link in links:
        async with db.begin() as tables:
            ended += await revoke(tables, link, by) or []
    return ended


async def _end_idle(tables: Tables, link: Link, session: Session) -> bool:
    """False when something has happened in it meanwhile."""
    limit, here = timedelta(minutes=link.idle_minutes), (session.workspace_id, session.id)
    if limit <= REST_AFTER:
        return await tables.sessions.end_idle(*here, now() - limit, now())
    return await tables.sessions.end_resting(*here, now() - limit + REST_AFTER, now())


async def _end_unused(tables: Tables, link: Link, session: Session) -> bool:
    # The link's row first: a guest's message takes them in this order too, and they must not wait for each other.
    await tables.links.give_back(link.workspace_id, link.id)
    ended = await tables.sessions.end_unused(session.workspace_id, session.id, now())
    if not ended:
        await tables.links.update(link.workspace_id, link.id, used_sessions=Link.used_sessions + 1)
    return ended


async def _close(tables: Tables, link: Link, session: Session, reason: str) -> None:
    here = (session.workspace_id, session.conversation_id)
    stopped = await tables.turns.ask_stop(*here)
    for lapsed in await tables.approvals.lapse(*here):
        entry = log_entries.approval(lapsed.id, "lapsed", None, lapsed.calls)
        await tables.events.add(*here, lapsed.turn_id, entry.kind, entry.body)
        await approvals.close_question(tables, lapsed)
    entry = log_entries.end(reason, words.of("en")(f"ended.{reason}"))
    await tables.events.add(*here, None, entry.kind, entry.body)
    if reason in LEAVES_NOTHING:
        return
    payload = {**told_of(link, session), "reason": reason, "stopped": stopped}
    await tables.jobs.add("guest_ended", f"guest_ended:{session.id}", payload, now(), workspace=link.workspace_id)


async def quiet(db: Database, bus: Bus, workspace: str, turn_ids: Sequence[str], within: float = 8.0) -> None:
    """Returns when what was running at the end has stored what it had said, or when the time is up."""
    with bus.follow("turns") as bell, suppress(TimeoutError):
        async with asyncio.timeout(within):
            while await _running(db, workspace, turn_ids):
                await bell.wait(1)


async def _running(db: Database, workspace: str, turn_ids: Sequence[str]) -> bool:
    async with db.read() as tables:
        turns = [await tables.turns.get(workspace, each) for each in turn_ids]
    return any(turn is not None and turn.status == "running" for turn in turns)


def told_of(link: Link, session: Session) -> dict[str, str]:
    """What the creator's notices say of a session."""
    return {
        "workspace": link.workspace_id,
        "creator": link.creator_id,
        "link_id": link.id,
        "title": link.title,
        "session_id": session.id,
        "conversation_id": session.conversation_id,
        "name": session.guest_name,
    }
