"""Half an hour of silence lets a chat rest: its log says so, and whoever writes next goes on with it."""

from bot import words
from bot.services import log_entries
from bot.services.links.ending.ending import REST_AFTER
from bot.services.links.hosting import mirroring
from storage.database import Database
from storage.schema import now
from storage.tables import Session

STATE = "paused"


async def sweep(db: Database) -> list[str]:
    """The conversations that rest from now on, to be rung."""
    async with db.read() as tables:
        quiet = await tables.sessions.restless(now() - REST_AFTER)
    return [each.conversation_id for each in quiet if await _let_rest(db, each)]


async def _let_rest(db: Database, session: Session) -> bool:
    here = (session.workspace_id, session.id)
    async with db.begin() as tables:
        link = await tables.links.get(session.workspace_id, session.link_id)
        if link is None or not await tables.sessions.let_rest(*here, now() - REST_AFTER):
            return False
        entry = log_entries.status(STATE, words.of("en")(f"status.{STATE}"), code=STATE)
        event = await tables.events.add(session.workspace_id, session.conversation_id, None, entry.kind, entry.body)
        await tables.sessions.rests_at(*here, event.seq)
        await mirroring.due(tables, link, session)
    return True
