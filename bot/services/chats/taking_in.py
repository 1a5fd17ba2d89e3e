"""What was said is stored, once, and begun in this process or queued, whoever leaves meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext

from bot.errors import Refused
from bot.services.chats.values import Begun, Room, Rooms, Said, Whose
from storage.bus.bus import Bus
from storage.database import Database, Tables

Taken = tuple[Said, Begun | None]
Take = Callable[[Tables, Room | None], Awaitable[Taken]]


class SaidBefore(Exception):
    """It has its answer, or will have. Rolls the transaction back."""


class TakingIn:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus
        self.rooms: Rooms | None = None
        """Of the worker of this process, while there is one."""

    async def begun_or_queued(self, whose: Whose, source: str, take: Take) -> Said:
        """In a transaction of its own, and begun here where there is room, so that nobody has to look for it."""
        # Who leaves the page in this moment takes their request along, and must not take what is stored by then.
        work = asyncio.create_task(self._to_its_end(whose, source, take))
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(work)

    async def _to_its_end(self, whose: Whose, source: str, take: Take) -> Said:
        try:
            with self.rooms.room(whose) if self.rooms else nullcontext() as room:

                async def taken(tables: Tables, unanswered: Sequence[Taken]) -> Taken:
                    # Stored without anybody having had an answer is no repeat: it has yet to be begun.
                    for said, begun in unanswered:
                        if await tables.turns.get(whose.workspace, said.turn_id):
                            return said, begun
                    return await take(tables, room)

                said, begun = await self._db.surely(taken)
                if room and begun:
                    room.begin(begun)
        except (SaidBefore, Refused) as failure:  # nothing was stored
            async with self._db.read() as tables:
                before = await _said_before(tables, whose.workspace, source)
            if before or not isinstance(failure, Refused):
                return before or Said("", "", repeated=True)
            raise
        if not begun:
            await self._bus.tell("turns")
        rows = [begun.message, *begun.events] if begun else ()
        await self._bus.tell(f"conversation:{said.conversation_id}", rows=rows)
        return said


async def _said_before(tables: Tables, workspace: str, source: str) -> Said | None:
    turn = await tables.turns.by_source(workspace, source)
    if turn is None:
        return None
    events = await tables.events.of_turn(workspace, turn.id)
    seq = next((event.seq for event in events if event.kind == "message"), 0)
    return Said(turn.id, turn.conversation_id, seq, repeated=True)
