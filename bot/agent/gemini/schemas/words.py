"""What a schema cannot say to Gemini, said to the model."""

import json
import math
from collections.abc import Sequence
from typing import Any

from bot.agent.gemini.schemas.keywords import Schema

CLIP = 1_000  # characters of one keyword's value
MOST = 4_000  # of all that is told of one schema


def with_words(out: Schema, told: Sequence[tuple[str, Any]]) -> Schema:
    """Appended to the description, in brackets."""
    if told:
        words = clipped("; ".join(f"{key}: {as_json(value)}" for key, value in told), MOST)
        out["description"] = f"{out.get('description', '')} ({words})".strip()
    return out


def as_json(value: Any) -> str:
    try:
        return clipped(json.dumps(value, ensure_ascii=False, default=_name), CLIP)
    except RecursionError:
        return "more than can be told"


def _name(target: Any) -> Any:
    """Of a reference that is resolved already."""
    return {"$ref": target.name}


def clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def needs(options: Sequence[Any]) -> list[list[str]] | None:
    """The names of each option when all that the options say is which names they need."""
    if not all(isinstance(option, dict) and option.keys() <= {"required", "title"} for option in options):
        return None
    told = [option.get("required") for option in options]
    return told if all(isinstance(names, list) and names for names in told) else None


def is_choice(value: Any) -> bool:
    """What Gemini takes in an `enum`: numbers, and strings that are not empty."""
    if isinstance(value, str):
        return bool(value)
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def type_of(choices: Sequence[Any]) -> str | None:
    """The one type that all have."""
    if all(isinstance(each, str) for each in choices):
        return "string"
    if all(isinstance(each, int) for each in choices):
        return "integer"
    return None if any(isinstance(each, str) for each in choices) else "number"
