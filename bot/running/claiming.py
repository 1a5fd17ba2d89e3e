"""A turn is claimed by this process: one to run, or one that has ended and was not shown."""

from collections.abc import Collection, Sequence

from bot.running.shares import Shares
from bot.services.chats import LEASE_SECONDS
from storage.database import Tables
from storage.schema import now
from storage.tables import Conversation, Turn

Claimed = tuple[Turn | None, Conversation | None]


async def claimed(
    owner: str, shares: Shares, ours: Collection[str], most: int, tables: Tables, unanswered: Sequence[Claimed]
) -> Claimed:
    """For `Database.surely`: what was claimed without an answer is ours, and nobody else would run it.

    ``most`` bounds all claims of one turn, faces that failed included.
    """
    for turn, conversation in unanswered:
        if turn and await tables.turns.is_held(turn):
            return turn, conversation
    mine, full = (owner, now(), LEASE_SECONDS), shares.all_full
    turn = await tables.turns.claim(*mine, besides=ours, after=shares.served, full=full)
    turn = turn or await tables.turns.claim_untold(*mine, most, besides=ours)
    return turn, await tables.conversations.get(turn.workspace_id, turn.conversation_id) if turn else None
