"""What of people's files the model sees: the newest, within bounds; of the others it knows that they were there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.agent import notes
from bot.agent.model import Message, Model
from bot.services.files.bounds import Shown
from bot.services.files.kinds import FILES, TEXT

Contents = Callable[[Sequence[str]], Awaitable[Mapping[str, bytes]]]
"""By their ids, those that are still there."""


async def with_files(model: Model, history: Sequence[Message], contents: Contents, most: Shown) -> list[Message]:
    """The history with the files' contents where its messages name them; nothing is looked up where none does."""
    refs = [ref for message in reversed(history) for ref in reversed(message.get(FILES, ()))]
    if not refs:
        return list(history)
    tokens, size, shown = 0, 0, {}
    for ref in refs:
        tokens, size = tokens + int(ref["tokens"]), size + int(ref["size"])
        if tokens > most.tokens or size > most.bytes:
            break
        shown[ref["id"]] = ref
    found = dict(await contents(list(shown)))
    for file_id, content in found.items():
        if shown[file_id]["kind"] == TEXT:
            found[file_id] = notes.without_marks(content.decode()).encode()
    return [model.with_files(message, found) if message.get(FILES) else message for message in history]
