"""How many bytes of files the calls of one turn may bring; what is more is left out, and that is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.agent.model import Message, Model
from mcp_runtime.tools.tools import ToolResult

MOST = 18_000_000
"""Bytes, as they are; a third more in the history."""
FULL = (
    "{} of the files that this call returned are left out: files of one answer may have {} MB together. Say so where"
    " it matters; with the person's next message there is room again."
)


@dataclass
class Room:
    left: int = MOST

    def fitting(self, result: ToolResult) -> ToolResult:
        """The same, without the files that find no room."""
        kept = []
        for file in result.files:
            if len(file.content) <= self.left:
                self.left -= len(file.content)
                kept.append(file)
        if len(kept) == len(result.files):
            return result
        note = FULL.format(len(result.files) - len(kept), MOST // 1_000_000)
        return replace(result.noted(note), files=tuple(kept))


def room_left(model: Model, history: Sequence[Message]) -> Room:
    """After what the calls since the person's last words have brought."""
    used = 0
    for message in reversed(history):
        if model.speaks(message):
            break
        used += model.file_bytes(message)
    return Room(max(0, MOST - used))
