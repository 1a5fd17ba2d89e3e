"""A link of several guests is counted in one message: how many chat, who waits for their host, who is done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.services.links.hosting.values import ASKED, HOST
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Link, Session

JOB = "guests_counted"
TOGETHER = timedelta(seconds=1)
WAITS, APPROVAL, SPEAKS, CHATS, RESTS, OVER = "waits", "approval", "speaks", "chats", "rests", "over"
ORDER = (WAITS, APPROVAL, SPEAKS, CHATS, RESTS, OVER)
"""How it is with a guest; who needs their host first."""


@dataclass(frozen=True)
class Counted:
    """Guests with how it is with each, those who need their host first, newest first; deleted chats are none."""

    link: Link
    guests: Sequence[tuple[Session, str]]
    deleted: int

    @property
    def each(self) -> Counter[str]:
        return Counter(state for _, state in self.guests)

    @property
    def began(self) -> int:
        return len(self.guests) + self.deleted


async def due(tables: Tables, link: Link) -> None:
    """In the transaction that changes something of it."""
    if link.max_sessions > 1:
        payload = {"workspace": link.workspace_id, "link_id": link.id}
        when = now() + TOGETHER
        await tables.jobs.once_more(JOB, f"{JOB}:{link.id}", payload, when, workspace=link.workspace_id)


class Counting:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def soon(self, workspace: str, link_id: str) -> None:
        """Something of it has changed."""
        async with self._db.read() as tables:
            link = await tables.links.get(workspace, link_id)
        if link and link.max_sessions > 1:
            async with self._db.begin() as tables:
                await due(tables, link)

    async def of(self, workspace: str, link_id: str) -> Counted | None:
        """None: the link is gone, is for one guest, or nobody has begun on it."""
        async with self._db.read() as tables:
            link = await tables.links.get(workspace, link_id)
            found = await tables.figures.standing(workspace, link_id)
        if link is None or link.max_sessions < 2 or not found:
            return None
        there = [(each.session, _state(each.session, each.rests, each.asks)) for each in found]
        kept = [pair for pair in there if not pair[0].erase_asked_by]
        kept.sort(key=lambda pair: (-ORDER.index(pair[1]), pair[0].started_at, pair[0].id), reverse=True)
        return Counted(link, kept, len(there) - len(kept))

    async def shown(self, link: Link, channel: str, ts: str, drawn: str) -> bool:
        """Note the message that says ``drawn``; False when there is another, put up by another process."""
        async with self._db.begin() as tables:
            return await tables.links.counted(link, channel, ts, drawn)


def _state(session: Session, rests: bool, asks: bool) -> str:
    if session.ended_at is not None:
        return OVER
    if session.host_state == ASKED:
        return WAITS
    if asks:
        return APPROVAL
    if session.host_state == HOST:
        return SPEAKS
    return RESTS if rests else CHATS
