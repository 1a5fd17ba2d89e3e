"""Sealed secrets on their way between the database and the stores outside. May be killed at any point.

The order is what keeps them: the new place is noted, then filled, then named by the secret's row, and only then is the
old one given up. A place that no row names is taken away later, by whoever comes.
"""

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

from mcp_runtime.secrets.outside.store import StoreAway
from mcp_runtime.secrets.outside.stores import OutsideStores
from mcp_runtime.secrets.vault import CannotOpen
from storage.database import Database
from storage.schema import now
from storage.tables import Secret

DATABASE = "database"
BATCH = 50
REMEMBERED = 1000
IN_HAND = timedelta(minutes=10)
"""So long whoever noted a place may need to fill it and name it: many times what one question to a store may take."""

log = logging.getLogger(__name__)


class Lost(CannotOpen):
    """Its store has nothing at the place where it is to lie."""


class Moving:
    def __init__(self, outside: OutsideStores) -> None:
        self.outside = outside
        # A place is filled once and never again, so what was read there stays true. Sealed, as it came.
        self._known: OrderedDict[str, bytes] = OrderedDict()

    async def ciphertext(self, row: Secret) -> bytes:
        """What is sealed of it, wherever it lies; raises `Lost`, `StoreAway`."""
        if row.store == DATABASE:
            return row.ciphertext
        if row.place in self._known:
            self._known.move_to_end(row.place)
            return self._known[row.place]
        found = await (await self.outside.named(row.store)).get(row.place)
        if found is None:
            raise Lost(f"the secret is not in {row.store} any more")
        self._remember(row.place, found)
        return found

    def _remember(self, place: str, found: bytes) -> None:
        self._known[place] = found
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def move(self, db: Database, row: Secret, to: str) -> bool:
        """False when it was replaced or ended meanwhile; raises `Lost`, `StoreAway`."""
        found = await self.ciphertext(row)
        place = "" if to == DATABASE else uuid4().hex
        if place:
            async with db.begin() as tables:
                await tables.secret_places.note(to, place)
            await (await self.outside.named(to)).put(place, found)
            self._remember(place, found)
        async with db.begin() as tables:
            if place and not await tables.secret_places.hold(to, place):
                return False  # we took so long that it is being taken away
            return await tables.secrets.moved(row, store=to, place=place, ciphertext=b"" if place else found)

    async def settle(self, db: Database) -> int:
        """Those that wait for it, to where they are bound for; how many. Raises `StoreAway`."""
        done = 0
        while True:
            async with db.read() as tables:
                rows = await tables.secrets.bound(BATCH)
            for row in rows:
                done += await self._settled(db, row)
            if len(rows) < BATCH:
                return done

    async def _settled(self, db: Database, row: Secret) -> bool:
        try:
            return await self.move(db, row, row.bound_for)
        except StoreAway as error:
            raise StoreAway(f"a secret stays in the database until its store can be had: {error}") from error

    async def all_to(self, db: Database, to: str) -> AsyncIterator[bool]:
        """Every secret that does not lie there, one after the other: True when it does by now, False when it is lost.

        Begun again, it goes on with those that are left; raises `StoreAway`.
        """
        last: Secret | None = None
        while True:
            async with db.read() as tables:
                rows = await tables.secrets.not_in(to, last, BATCH)
            for last in rows:
                try:
                    await self.move(db, last, to)
                    yield True
                except Lost:
                    yield False
            if len(rows) < BATCH:
                return

    async def clean(self, db: Database) -> int:
        """Take away what no secret names any more; how much. A store that is away is asked another time."""
        async with db.begin() as tables:
            leaving = await tables.secret_places.leave(now() - IN_HAND, BATCH)
        done, away = 0, set[str]()
        for each in leaving:
            if each.store in away:
                continue
            try:
                await (await self.outside.named(each.store)).delete(each.place)
            except StoreAway as error:
                away.add(each.store)
                log.warning("what no connection needs any more is still in a store: %s", error)
                continue
            self._known.pop(each.place, None)
            async with db.begin() as tables:
                await tables.secret_places.gone(each.store, each.place)
            done += 1
        return done
