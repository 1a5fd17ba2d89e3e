"""Strangers' texts, made fit to be shown: nothing hidden, nothing turned round, nothing endless."""

import re
import unicodedata
from typing import Any

# Controls, bidi marks, zero-width and tag characters: all can hide words from a person that a model reads.
HIDING = {"Cc", "Cf", "Co", "Cs"}
KEPT = "\n\t"
MAX_TITLE, MAX_DESCRIPTION = 80, 4000


def visible(text: str) -> str:
    """The text without what cannot be seen."""
    return "".join(c for c in text if c in KEPT or not hides(c))


def hides(character: str) -> bool:
    """It cannot be seen, and may hide or turn round what can."""
    return unicodedata.category(character) in HIDING or _selects(character)


def clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def one_line(text: str, limit: int = MAX_TITLE) -> str:
    return clipped(re.sub(r"\s+", " ", visible(text)).strip(), limit)


def described(schema: Any) -> Any:
    """A JSON schema whose titles and descriptions are `visible`; all else is as the server gave it."""
    if isinstance(schema, list):
        return [described(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: visible(value) if key in ("title", "description") and isinstance(value, str) else described(value)
        for key, value in schema.items()
    }


def _selects(character: str) -> bool:
    """Variation selectors: invisible, and long runs of them have carried hidden text."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
