"""What memory takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import UserError

WORDS_ONLY = "Only exact words were searched: search by meaning is not available right now."
LONGEST_NOTE, MOST_NOTES = 200, 40


class NotNoted(UserError):
    """The text is for people and for the model, in words it can pass on."""


@dataclass(frozen=True)
class Hit:
    kind: str
    """said | answer | tool"""
    source: str
    """A tool's title; empty for what was said."""
    about: str
    at: datetime
    text: str
    place: dict[str, Any]
    """Where its conversation is held in Slack."""


@dataclass(frozen=True)
class Found:
    hits: Sequence[Hit]
    """Best first."""
    words_only: bool = False
    """Meaning could not be searched."""


@dataclass(frozen=True)
class Gone:
    """What was forgotten."""

    memories: int
    notes: int = 0


def short(note_id: str) -> str:
    """How a note is named to the model: the end of its id, which is chance."""
    return note_id[-6:]
