"""A member's message whose answer is wanted elsewhere too: what came of it, as far as that is known in time."""

import asyncio
from dataclasses import dataclass

from bot.services.chats.values import Said
from storage.bus.bus import Bus
from storage.database import Database

AT_WORK = frozenset({"queued", "running"})


@dataclass(frozen=True)
class Outcome:
    """``status`` is the turn's; ``words`` are what the agent said, for the member's eyes."""

    status: str
    words: str = ""

    @property
    def at_work(self) -> bool:
        return self.status in AT_WORK


async def outcome(db: Database, bus: Bus, workspace: str, said: Said, seconds: float) -> Outcome:
    """At the turn's end, or as it stands when the time is up."""
    until = asyncio.get_running_loop().time() + seconds
    with bus.follow(f"conversation:{said.conversation_id}") as bell:
        while True:
            bell.take()
            found = await _as_it_stands(db, workspace, said.turn_id)
            left = until - asyncio.get_running_loop().time()
            if not found.at_work or left <= 0:
                return found
            await bell.wait(left)


async def _as_it_stands(db: Database, workspace: str, turn_id: str) -> Outcome:
    async with db.read() as tables:
        turn = await tables.turns.get(workspace, turn_id)
        if turn is None:
            return Outcome("gone")
        if turn.status in AT_WORK:
            return Outcome(turn.status)
        events = await tables.events.of_turn(workspace, turn_id)
    said = [each.body["text"] for each in events if each.kind == "message" and each.body["author"] == "agent"]
    return Outcome(turn.status, "\n\n".join(said))
