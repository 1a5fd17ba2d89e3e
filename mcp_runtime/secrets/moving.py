"""A sealed secret on its way between the database and the stores outside. May be killed at any point.

The order is what keeps it: the new place is noted, then filled, then named by the secret's row, and only then is the
old one given up. A place that no row names is taken away later, by whoever comes.
"""

from collections import OrderedDict
from uuid import uuid4

from mcp_runtime.secrets.outside.stores import OutsideStores
from mcp_runtime.secrets.vault import CannotOpen
from storage.database import Database
from storage.tables import Secret, SecretPlace

DATABASE = "database"
REMEMBERED = 1000


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

    async def take_away(self, db: Database, place: SecretPlace) -> None:
        """What lies at a place that is to be left; raises `StoreAway`."""
        await (await self.outside.named(place.store)).delete(place.place)
        self._known.pop(place.place, None)
        async with db.begin() as tables:
            await tables.secret_places.gone(place.store, place.place)
