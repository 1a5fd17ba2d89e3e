"""A guest whose host was asked, and who will get no answer to it, is told so."""

from bot.services import log_entries
from storage.database import Tables
from storage.tables import Approval

NOT_IN_TIME = "Your host did not answer in time, so it was not done."
TAKEN_AWAY = "This was not done: your host no longer offers the tool for it."


async def wait_no_longer(tables: Tables, approval: Approval, text: str) -> None:
    """The page shows the last status: that it waits for the host would stay there for ever."""
    conversation = await tables.conversations.get(approval.workspace_id, approval.conversation_id)
    if conversation and conversation.door == "link":
        entry = log_entries.status("stopped", text)
        here = (approval.workspace_id, approval.conversation_id, approval.turn_id)
        await tables.events.add(*here, entry.kind, entry.body)
