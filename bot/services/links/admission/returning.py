"""Who lost the way back to a chat that is theirs alone: a new code proves them, and brings it to this browser."""

from bot.services.links.admission import moving
from bot.services.links.admission.values import ADDRESSED
from bot.services.links.values import Guest, Started, is_live
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Link, Session


class Returning:
    """Only on links for one person: on any other, nobody can prove that the chat is theirs."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def awaits(self, link: Link) -> bool:
        """There is a chat that its guest may come back to by a code."""
        if link.access not in ADDRESSED or not is_live(link, now()):
            return False
        async with self._db.read() as tables:
            return await _open_chat(tables, link) is not None

    async def bring(self, link: Link, code_id: str, by: bytes, secret: str) -> Started | None:
        """For the code that was right; ``secret`` opens the chat from now on, and what opened it before is told so."""
        async with self._db.begin() as tables:
            session = await _open_chat(tables, link)
            if session is None or not await tables.codes.spend(code_id, by):
                return None
            await moving.hand_over(tables, link, session, secret)
        await self._bus.tell(f"conversation:{session.conversation_id}")
        return Started(link, session, secret)


async def _open_chat(tables: Tables, link: Link) -> Session | None:
    found = await tables.sessions.of(link.workspace_id, link.id)
    return next((each for each in found if not Guest(link, each).ended), None)
