"""What a link's creator hears of its guests."""

from collections.abc import Mapping
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
MOST_PIECES = 40
NOTHING = "_Nothing was said._"
CUT = "The transcript is longer than a message may be; this is its beginning."

Told = Mapping[str, Any]


def started(told: Told) -> str:
    return f":wave: {safe(told['name'], 80)} opened your link *{safe(told['title'], 120)}* and is chatting with me."


def ended(told: Told) -> str:
    reason = REASONS.get(told["reason"], "it is over")
    return f"The chat with {safe(told['name'], 80)} on *{safe(told['title'], 120)}* has ended: {reason}."


def transcript(told: Told) -> list[Block]:
    """The same words, and below them what was said, in full as far as a message holds it."""
    pieces = _pieces(str(told.get("transcript") or "").strip())
    said = list(map(_as_written, pieces[:MOST_PIECES])) or [section(NOTHING)]
    cut = [context(CUT)] if len(pieces) > MOST_PIECES else []
    return [section(ended(told)), *said, *cut]


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
