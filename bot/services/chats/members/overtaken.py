"""A message was changed or deleted, and that came before the message itself did: Slack keeps no order.

What it reads now is kept for as long as Slack may still bring it, and no longer; a message that comes finds it in the
statement by which its turn is stored.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.services.chats.values import Said
from storage.database import Database, Tables
from storage.repositories.conversations.claims import TakenIn, overtaken_by
from storage.schema import now

JOB = "overtaken"
"""Nothing is done by it: it goes when its time has come."""
BROUGHT_WITHIN = timedelta(minutes=15)
"""Slack's last try comes after about six; and a process that was away takes it when it is back."""


class Overtaken(Exception):
    """The message reads otherwise by now; None: it is deleted. Rolls the transaction back."""

    def __init__(self, words: str | None) -> None:
        super().__init__()
        self.words = words


def checked(new: TakenIn) -> TakenIn:
    """Raises `Overtaken` where the turn has other words than its message by now."""
    if new.overtaken is not None and (words := new.overtaken["words"]) != new.turn.text:
        raise Overtaken(words)
    return new


async def as_it_reads_now(say: Callable[[str], Awaitable[Said]], text: str) -> Said:
    """Said with the words that it has by now; one that is deleted is not."""
    while True:
        try:
            return await say(text)
        except Overtaken as change:
            if change.words is None:
                return Said("", "", repeated=True)
            text = change.words


class Overtaking:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def note(self, workspace: str, source: str, words: str | None, edited: str = "") -> bool:
        """What a message reads that has not come yet, None where it is deleted; False when it has come meanwhile.

        ``edited`` is when it came to read so: changes overtake each other too.
        """
        async with self._db.begin() as tables:
            if await tables.turns.by_source(workspace, source):
                return False
            before = await tables.jobs.payload(overtaken_by(workspace, source))
            stays = before is not None and (
                before["words"] is None or (words is not None and before["edited"] > edited)
            )
            if not stays:
                await self._keep(tables, workspace, source, {"words": words, "edited": edited})
        async with self._db.read() as tables:  # in another process it may have been taken in at the same time
            return await tables.turns.by_source(workspace, source) is None

    async def _keep(self, tables: Tables, workspace: str, source: str, payload: dict[str, Any]) -> None:
        once = overtaken_by(workspace, source)
        await tables.jobs.drop(once)
        await tables.jobs.add(JOB, once, payload, now() + BROUGHT_WITHIN, workspace=workspace)

    async def of(self, workspace: str, source: str, text: str) -> str | None:
        """What this message reads by now; None: it is deleted."""
        async with self._db.read() as tables:
            found = await tables.jobs.payload(overtaken_by(workspace, source))
        return found["words"] if found else text
