"""A guest whose host was asked, and who will get no answer to it, is told so."""

from bot import words
from bot.services import log_entries
from storage.database import Tables
from storage.tables import Approval

NOT_IN_TIME, TAKEN_AWAY = "not_in_time", "taken_away"


async def wait_no_longer(tables: Tables, approval: Approval, why: str) -> None:
    """The page shows the last status: that it waits for the host would stay there for ever."""
    conversation = await tables.conversations.get(approval.workspace_id, approval.conversation_id)
    if conversation and conversation.door == "link":
        entry = log_entries.status("stopped", words.of("en")(f"status.{why}"), code=why)
        here = (approval.workspace_id, approval.conversation_id, approval.turn_id)
        await tables.events.add(*here, entry.kind, entry.body)
