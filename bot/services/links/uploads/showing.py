"""What of a guest's files the model sees: the newest, within bounds; of the others it knows that they were there."""

from collections.abc import Sequence

from bot.agent import notes
from bot.agent.model import Message, Model
from bot.services.files.kinds import FILES, TEXT
from storage.database import Tables
from storage.tables import Session

MOST_TOKENS, MOST_BYTES = 16_000, 8_000_000
"""Of all files together in one request; each request sends them again."""


async def with_files(
    tables: Tables, model: Model, session: Session | None, history: Sequence[Message]
) -> list[Message]:
    """The history with the files' contents where its messages name them; no question where none does."""
    refs = [ref for message in reversed(history) for ref in reversed(message.get(FILES, ()))]
    if session is None or not refs:
        return list(history)
    tokens, size, shown = 0, 0, {}
    for ref in refs:
        tokens, size = tokens + int(ref["tokens"]), size + int(ref["size"])
        if tokens > MOST_TOKENS or size > MOST_BYTES:
            break
        shown[ref["id"]] = ref
    contents = await tables.guest_files.contents(session.workspace_id, session.id, list(shown))
    for file_id, content in contents.items():
        if shown[file_id]["kind"] == TEXT:
            contents[file_id] = notes.without_marks(content.decode()).encode()
    return [model.with_files(message, contents) if message.get(FILES) else message for message in history]
