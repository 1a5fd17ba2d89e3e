"""A turn is claimed by this process: one to run, or one that has ended and was not shown."""

from collections.abc import Sequence

from bot.services.chats import LEASE_SECONDS
from storage.database import Tables
from storage.repositories.conversations.among import Among, Due
from storage.schema import now
from storage.tables import Conversation, Turn

Claimed = tuple[Turn | None, Conversation | None]


async def claimed(
    owner: str, among: Among, due: Due, most: int, tables: Tables, unanswered: Sequence[Claimed]
) -> Claimed:
    """For `Database.surely`: what was claimed without an answer is ours, and nobody else would run it.

    ``most`` bounds all claims of one turn, faces that failed included.
    """
    for turn, conversation in unanswered:
        if turn and await tables.turns.is_held(turn):
            return turn, conversation
    mine = (owner, now(), LEASE_SECONDS)
    turn = await tables.turns.claim(*mine, among, due) if due.lapsed or due.waiting else None
    turn = turn or await tables.turns.claim_untold(*mine, most, among)
    return turn, await tables.conversations.get(turn.workspace_id, turn.conversation_id) if turn else None
