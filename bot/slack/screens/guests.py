"""What a link's creator hears of its guests."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.screens.blocks.elements import Block, context, plain, section
from bot.slack.screens.blocks.text import safe

REASONS = {
    "guest": "the guest ended it",
    "revoked": "you revoked the link",
    "expired": "the link's time is over",
    "idle": "nothing was said for half an hour",
    "unused": "nothing was said in it",
}
PIECE = 2_800
MOST_PIECES, A_MESSAGE = 40, 3
"""Slack refuses a message of more than about 12,000 characters: the rest goes on in its thread."""
NOTHING = "_Nothing was said._"
CUT = "The transcript is longer than I can show here; this is its beginning."
GOES_ON = "The transcript goes on."

Told = Mapping[str, Any]


NOTES = {
    "silent": ":warning: Guests of your link *{title}* get no answers right now. They read that Usher is not available"
    " and that you have been told. The administrators know; the link stays open.",
    "nearly_spent": ":hourglass: The guests of your link *{title}* have used up most of what they may ask. It does not"
    " come back: make a new link in time.",
    "spent": ":no_entry: The guests of your link *{title}* have used up what they may ask, and get no more answers."
    " What was said stays readable until the link ends. Make a new one if they need it.",
}
NAMED = 5
"""Guests who are called by name; of more only the number is told."""


def started(told: Told, guests: Sequence[str]) -> str:
    names = [safe(name, 80) for name in guests]
    title = safe(told["title"], 120)
    if len(names) == 1:
        return f":wave: {names[0]} opened your link *{title}* and is chatting with me."
    rest = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    *first, last = names[:NAMED] + rest
    who = f"{', '.join(first)} and {last}"
    return f":wave: {len(names)} guests opened your link *{title}* and are chatting with me: {who}."


def note(told: Told) -> str:
    return NOTES[told["what"]].format(title=safe(told["title"], 120))


def ended(told: Told) -> str:
    reason = REASONS.get(told["reason"], "it is over")
    return f"The chat with {safe(told['name'], 80)} on *{safe(told['title'], 120)}* has ended: {reason}."


def transcript(told: Told) -> list[list[Block]]:
    """The same words, and below them what was said: in one message, or more of them for its thread."""
    pieces = _pieces(str(told.get("transcript") or "").strip())
    said = list(map(_as_written, pieces[:MOST_PIECES])) or [section(NOTHING)]
    if len(pieces) > MOST_PIECES:
        said.append(context(CUT))
    first, *rest = [said[at : at + A_MESSAGE] for at in range(0, len(said), A_MESSAGE)]
    return [[section(ended(told)), *first], *rest]


def _as_written(piece: str) -> Block:
    """Plain: a guest's marks are words here, and cannot look like something that Usher says."""
    return {"type": "section", "text": plain(piece)}


def asks(title: str) -> str:
    return f"A guest on your link “{title}” needs this."


def _pieces(text: str) -> list[str]:
    """Cut after a line where there is one."""
    pieces: list[str] = []
    while text:
        cut = len(text) if len(text) <= PIECE else text.rfind("\n", 0, PIECE) + 1 or PIECE
        pieces.append(text[:cut].strip() or " ")
        text = text[cut:]
    return pieces
