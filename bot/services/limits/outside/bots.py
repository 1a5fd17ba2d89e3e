"""How often other apps are answered: two that answer each other must come to an end by themselves."""

import hashlib

from bot.services.limits.rates import HOUR, has_room
from storage.database import Database
from storage.members import Member
from storage.repositories.work.rates import Limit

AN_HOUR = Limit(burst=12, every_microseconds=HOUR // 12)
"""Of one bot in one channel."""
IN_A_ROW = Limit(burst=3, every_microseconds=24 * HOUR)
"""Of all bots in one thread, until a person asks there: what no person has to do with ends."""


class BotsPace:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def may(self, bot: Member, channel: str, thread_ts: str, ts: str) -> bool:
        """Whether this message of a bot's is answered; no for one that was looked at before."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(bot.workspace)
            if not await tables.handled.first_time(bot.workspace, f"{bot.workspace}:bot:{channel}:{ts}"):
                return False
            an_hour = _key("an_hour", bot.workspace, bot.id, channel)
            in_a_row = _key("in_a_row", bot.workspace, channel, thread_ts)
            return await has_room(tables, in_a_row, IN_A_ROW) and await has_room(tables, an_hour, AN_HOUR)

    async def person_asked(self, workspace: str, channel: str, thread_ts: str) -> None:
        """Whatever bots have said there before, they may go on."""
        async with self._db.begin() as tables:
            await tables.rates.forget(_key("in_a_row", workspace, channel, thread_ts))


def _key(*parts: str) -> str:
    return hashlib.sha256(":".join(("bots", *parts)).encode()).hexdigest()
