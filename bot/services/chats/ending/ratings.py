"""Whether answers help: a press is kept with the turn, and administrators are told figures and ids, never words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import NotFound
from storage.database import Database
from storage.members import Member
from storage.repositories.conversations.ratings import Unhelpful
from storage.schema import now

LATELY = timedelta(days=30)
MOST_NAMED = 5


@dataclass(frozen=True)
class Figures:
    """Of the last 30 days; ``unhelpful`` are the newest of those that did not help."""

    helped: int = 0
    did_not: int = 0
    unhelpful: Sequence[Unhelpful] = ()


class Ratings:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def rate(self, member: Member, turn_id: str, *, helped: bool) -> None:
        """By whoever reads the answer in Slack; their last word holds. Raises `NotFound` for one that is deleted."""
        async with self._db.begin() as tables:
            turn = await tables.turns.get(member.workspace, turn_id)
            held = await tables.conversations.get(member.workspace, turn.conversation_id) if turn else None
            if turn is None or held is None or held.door != "slack":
                raise NotFound("That answer is not kept any more. Rate a newer one instead.")
            await tables.ratings.put(member.workspace, turn_id, member.id, helped)

    async def figures(self, workspace: str) -> Figures:
        since = now() - LATELY
        async with self._db.read() as tables:
            helped, did_not = await tables.ratings.counts(workspace, since)
            return Figures(helped, did_not, await tables.ratings.did_not_help(workspace, since, MOST_NAMED))
