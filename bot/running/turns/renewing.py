"""The leases of all turns that a process has are renewed by one statement, and it sees who was asked to stop.

A turn renewed by itself would be a transaction every few seconds, and the look for a stop another: with hundreds of
turns more than all that they have to store.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

from bot.services.chats.ending.stopping import topic
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.repositories.conversations.claims import Lease
from storage.tables import Turn


class Renewing:
    """Of the turns that are ``held``; each of them asks, and the first to do so asks for all."""

    def __init__(
        self, db: Database, bus: Bus, held: Callable[[], Collection[Turn]], lease: Callable[[], Lease]
    ) -> None:
        self._db = db
        self._bus = bus
        self._held = held
        self._lease = lease
        self._under_way: asyncio.Task[None] | None = None
        self._since: dict[str, float] = {}
        """By turn: when it was last renewed, by the steady clock."""

    async def renewed(self, turn: Turn, after: float) -> float | None:
        """Since when it is ours for a whole lease more, later than ``after``; None: it is ours no more."""
        if (since := self._known(turn, after)) is not None:
            return since
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._all(), name="leases of turns")
            self._under_way.add_done_callback(self._over)
        await asyncio.shield(self._under_way)
        if (since := self._known(turn, after)) is not None:
            return since
        # It came too late for the others, somebody else is at its row, or it is lost: its own statement tells.
        began, until = _clock(), self._lease().until
        ours = await self._db.surely(lambda tables, _: tables.turns.change(turn, lease_until=until))
        return began if ours else None

    def close(self) -> None:
        if self._under_way is not None:
            self._under_way.cancel()

    def _known(self, turn: Turn, after: float) -> float | None:
        since = self._since.get(turn.id, after)
        return since if since > after else None

    def _over(self, task: asyncio.Task[None]) -> None:
        self._under_way = None
        if not task.cancelled():
            task.exception()  # whoever waits for it has it

    async def _all(self) -> None:
        began, lease = _clock(), self._lease()
        held = {turn.id: turn for turn in self._held()}

        async def renew(tables: Tables, _: Sequence[Mapping[str, bool]]) -> Mapping[str, bool]:
            return await tables.turns.renew(list(held.values()), lease)

        ours = await self._db.surely(renew)
        self._since = dict.fromkeys(ours, began)
        for turn_id in (each for each, stop_asked in ours.items() if stop_asked):
            await self._bus.tell(topic(held[turn_id]))  # a nudge may have been lost


def _clock() -> float:
    return asyncio.get_running_loop().time()
