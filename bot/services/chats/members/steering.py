"""A message that comes while another is being answered: taken up next, or in place of it when it says so."""

import re
from typing import Literal

from storage.bus.bus import Bus
from storage.database import Database

_STEERS = re.compile(
    r"(?:oh|no|ok|okay|hm+|ah)?[\s,.!]*"
    r"(?:no,|(?:wait|hold on|hang on|scratch that|change of plan|forget that|never ?mind|instead|actually|rather"
    r"|not that|not those)\b).*",
    re.IGNORECASE | re.DOTALL,
)

Taken = Literal["next", "steers", "after_change"]
"""Taken up when the answer before is done; at once, in its place; as soon as a change that has begun is done."""


def steers(words: str) -> bool:
    """Whether it says so itself: «wait, only the open ones»."""
    return bool(_STEERS.fullmatch(words.strip()))


async def taken_up(db: Database, bus: Bus, workspace: str, conversation_id: str, words: str, said: str) -> Taken | None:
    """Of the message whose turn is ``said``, stored a moment ago; None when nothing runs before it, or that was told.

    What is changing something is never cut off for it.
    """
    async with db.read() as tables:
        before = await tables.turns.running(workspace, conversation_id)
    if before is None or before.id == said:
        return None
    if not steers(words):
        async with db.begin() as tables:
            return "next" if await tables.handled.first_time(workspace, f"{workspace}:next:{before.id}") else None
    async with db.begin() as tables:
        found = await tables.turns.turn_aside(workspace, conversation_id)
    if found is None or found[0].id == said:
        return None
    if not found[1]:
        return "after_change"
    await bus.tell(f"stop:{conversation_id}")
    return "steers"
