"""A member's memory: found again, noted, forgotten."""

from dataclasses import dataclass

from bot.agent.embeddings.embedder import Embedder
from bot.agent.model import Model
from bot.services.limits.budgets.ledger import Ledger
from bot.services.memory.forgetting import Forgetting
from bot.services.memory.notes import Notes
from bot.services.memory.remembering import CardsOf, Remembering
from bot.services.memory.searching import Searching
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import Note


@dataclass(frozen=True)
class Kept:
    """What is remembered of a member, for them to see."""

    memories: int = 0
    notes: tuple[Note, ...] = ()
    """Oldest first."""


class Memory:
    """``embedder`` is None where meaning is not to be searched; ``cards`` says which services are private."""

    def __init__(self, db: Database, bus: Bus, model: Model, embedder: Embedder | None, cards: CardsOf) -> None:
        self._db = db
        self.searching = Searching(db, embedder, Ledger(db))
        self.notes = Notes(db)
        self.forgetting = Forgetting(db, bus)
        self.remembering = Remembering(db, model, embedder, cards, Ledger(db))

    async def of(self, member: Member) -> Kept:
        async with self._db.read() as tables:
            return Kept(await tables.memories.count(member), tuple(await tables.notes.of(member)))
