"""Files for which one request has no room: the newest go with it, of older ones it is said that they were there."""

from collections.abc import Sequence

from bot.agent.gemini.refusals.left_out import files_of, size_of, without
from bot.agent.model import Message

MOST = 18_000_000
"""Characters in base64: all of a request may have 20 MB."""
OLDER = "a file that was shown before; it is not sent again, since there are newer ones: get it anew if it is needed"


def fitting(history: Sequence[Message], most: int = MOST) -> Sequence[Message]:
    """``history`` itself where all of it fits."""
    left, out = most, set[int]()
    for message in reversed(history):
        for file in reversed(list(files_of(message))):
            left -= size_of(file)
            if left < 0:
                out.add(id(file))
    return without(history, lambda file: OLDER if id(file) in out else "") if out else history
