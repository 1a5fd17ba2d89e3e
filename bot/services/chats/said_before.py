"""The same message once more: it has its answer, or will have."""

from bot.services.chats.values import Said
from storage.database import Tables


class SaidBefore(Exception):
    """Rolls back the transaction that took it in."""


async def said_before(tables: Tables, workspace: str, source: str) -> Said | None:
    turn = await tables.turns.by_source(workspace, source)
    if turn is None:
        return None
    events = await tables.events.of_turn(workspace, turn.id)
    seq = next((event.seq for event in events if event.kind == "message"), 0)
    return Said(turn.id, turn.conversation_id, seq, repeated=True)
