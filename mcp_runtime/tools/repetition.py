"""Tell whether a text only says again what a structure beside it says already, as the protocol recommends it should."""

import json
from collections.abc import Iterator
from typing import Any

MAX_LENGTH = 1_000_000
"""Characters of a text that is looked at; a longer one is cut anyway."""
MAX_PARTS = 20_000
"""Members of the structure that are looked at."""


def repeats(text: str, structured: Any) -> bool:
    """It is the structure, a part of it, or a text in it."""
    if len(text) > MAX_LENGTH:
        return False
    said = _read(text)
    return any(said == part or (isinstance(part, str) and part.strip() == text.strip()) for part in _parts(structured))


def _read(text: str) -> Any:
    """As JSON when it is some."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _parts(whole: Any) -> Iterator[Any]:
    """The whole first, then what it is made of, level by level."""
    level, left = [whole], MAX_PARTS
    while level and left > 0:
        yield from level
        left -= len(level)
        nested = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list))]
        level = [one for several in nested for one in several][:left]
