"""What stands under an answer that failed: a next step, and last and small by what a log tells more."""

from bot.slack.screens.blocks.elements import Block, actions, button, context
from bot.slack.screens.notices import REFERENCE

AGAIN = "turn.again"
RAISE, USED_UP = "turn.raise_limit", "month"
ASKED = ":white_check_mark: I have asked the administrators to raise it; you hear from me when somebody has."
AGAIN_SAID = "Asking again."
NO_USE = frozenset({"setup", "tampered", "agent"})
"""Only somebody else can mend it."""


def under(turn_id: str, code: str) -> list[Block]:
    again = button("Ask again", AGAIN, turn_id, label="Ask the same question again")
    more = [button("Raise the limit", RAISE, turn_id, label="Have what I may use this month raised")]
    return [*([] if code in NO_USE else [actions(*(more if code == USED_UP else []), again)]), reference(turn_id)]


def reference(turn_id: str) -> Block:
    """The end of the turn's id, which each line of the log about it has."""
    return context(REFERENCE.format(turn_id[-8:]))


def asking_again() -> list[Block]:
    return [context(f":arrow_forward: {AGAIN_SAID}")]
