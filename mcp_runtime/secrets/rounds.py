"""Many secrets taken to where they are to lie, each by itself: one that cannot go holds up no other."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from mcp_runtime.secrets.moving import DATABASE, Lost, Moving
from mcp_runtime.secrets.outside.store import StoreAway
from storage.database import Database
from storage.schema import now
from storage.tables import Secret, SecretPlace

BATCH = 50
IN_HAND = timedelta(minutes=10)
"""So long whoever noted a place may need to fill it and name it: many times what one question to a store may take."""
TRIES = 3
"""A secret may be replaced while it is on its way; one that changes faster than that is met again."""
ASKED_AGAIN_AFTER = 30.0
"""Seconds for which a store that has just answered is taken to be there, though it refused something."""
ENTER_ANEW = "Have it entered anew in Slack: Edit in `/mcp list`, or the form of its card."
GONE = f"what its store held of it is gone. {ENTER_ANEW}"
CHANGING = "it was replaced again and again meanwhile. Run the same command again."


@dataclass(frozen=True)
class Left:
    """A secret that stays where it is."""

    row: Secret
    why: str
    """For administrators: what happened, and the cure."""


class Round:
    """One pass over all that is to be moved or taken away.

    A store that answers nothing at all is asked no more in this round: each question to it may take its whole time.
    """

    def __init__(self, moving: Moving, db: Database) -> None:
        self._moving = moving
        self._db = db
        self._away: dict[str, str] = {}
        self._answered: dict[str, float] = {}

    async def settle(self) -> tuple[int, list[Left]]:
        """Those that wait for it, to where they are bound for: how many went, and those that did not."""
        done, left, after = 0, list[Left](), None
        while True:
            async with self._db.read() as tables:
                rows = await tables.secrets.bound(after, BATCH)
            for after in rows:
                refused = await self._take(after, after.bound_for)
                left += [refused] if refused else []
                done += not refused
            if len(rows) < BATCH:
                return done, left

    async def all_to(self, to: str) -> AsyncIterator[Left | None]:
        """Every secret that does not lie there, one after the other: None when it does by now, or is no more.

        Begun again, it goes on with those that are left.
        """
        after: Secret | None = None
        while True:
            async with self._db.read() as tables:
                rows = await tables.secrets.not_in(to, after, BATCH)
            for after in rows:
                yield await self._take(after, to)
            if len(rows) < BATCH:
                return

    async def clean(self) -> tuple[int, dict[str, str]]:
        """Take away what no secret names any more: how much went, and which stores did not let go of all, and why."""
        done, kept, after = 0, dict[str, str](), None
        while True:
            async with self._db.begin() as tables:
                leaving = await tables.secret_places.leave(now() - IN_HAND, after, BATCH)
            for after in leaving:
                if why := await self._give_up(after):
                    kept[after.store] = why
                done += not why
            if len(leaving) < BATCH:
                return done, kept

    async def _take(self, row: Secret, to: str) -> Left | None:
        for _ in range(TRIES):
            if why := self._away.get(row.store) or self._away.get(to):
                return Left(row, why)
            lost = False
            try:
                if await self._moving.move(self._db, row, to):
                    return None
            except Lost:
                lost = True
            except StoreAway as error:
                return Left(row, await self._meant(error, row.store, to))
            again = await self._again(row)
            if again is None or (again.store == to and again.bound_for in ("", to)):
                return None
            if lost and (again.store, again.place) == (row.store, row.place):
                return Left(row, GONE)  # else it was replaced while we asked for the one before
            row = again
        return Left(row, CHANGING)

    async def _again(self, row: Secret) -> Secret | None:
        async with self._db.read() as tables:
            return await tables.secrets.get(row.workspace_id, row.member_id, row.owner, row.field)

    async def _give_up(self, place: SecretPlace) -> str:
        """Why it is still there; empty when it is not."""
        if why := self._away.get(place.store):
            return why
        try:
            await self._moving.take_away(self._db, place)
        except StoreAway as error:
            return await self._meant(error, place.store)
        return ""

    async def _meant(self, error: StoreAway, *stores: str) -> str:
        """Why: this one was refused, or one of the stores is away for all of them."""
        for store in stores:
            if (
                store == DATABASE
                or time.monotonic() - self._answered.get(store, -ASKED_AGAIN_AFTER) < ASKED_AGAIN_AFTER
            ):
                continue
            try:
                await self._moving.outside.answers(store)
            except StoreAway as away:
                self._away[store] = str(away)
                return str(away)
            self._answered[store] = time.monotonic()
        return str(error)
