"""A guest whose messages are refused again and again: one refusal is the last that is borne."""

from bot.services.limits import conduct
from bot.services.links.ending.ending import ABUSE, end_session, ring
from bot.services.links.values import Guest
from storage.bus.bus import Bus
from storage.clock import microseconds
from storage.database import Database


async def one_too_many(db: Database, bus: Bus, rate_key: bytes, guest: Guest, code: str) -> bool:
    """Whether the refusal was that one: the chat ends, and its creator is told why."""
    async with db.begin() as tables:
        if not await conduct.judge(tables, rate_key, guest.session.id, code, microseconds()):
            return False
    async with db.begin() as tables:
        if not await end_session(tables, guest.link, guest.session, ABUSE):
            return True
        who = f"guest:{guest.session.id}"
        await tables.audit.add(guest.workspace, who, "chat.ended", guest.link.id, {"reason": ABUSE, "by": code})
    await ring(bus, [guest.conversation_id])
    return True
