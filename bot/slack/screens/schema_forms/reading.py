"""What was typed into a text field, read as the value that the schema asks for."""

import json
import math
from typing import Any

from bot.slack.screens.schema_forms.checks import fits_any
from bot.slack.screens.schema_forms.questions import Kind, Question

TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


class Unreadable(ValueError):
    """Its text is the complaint."""


def read_text(question: Question, text: str) -> Any:
    """Raises `Unreadable`."""
    match question.kind:
        case Kind.WHOLE | Kind.NUMBER:
            return number(text, whole=question.kind is Kind.WHOLE)
        case Kind.LINES:
            return _lines(question, text)
        case Kind.JSON:
            return parsed(text)
        case Kind.LOOSE:
            return _loose(question, text)
    return text


def number(text: str, *, whole: bool) -> float:
    try:
        value = float(text)
        exact = int(text) if text.strip().lstrip("+-").isdecimal() else value
    except ValueError:
        raise Unreadable("This is no number.") from None
    if not math.isfinite(value):
        raise Unreadable("This is no number.")
    if not value.is_integer():
        if whole:
            raise Unreadable("This has to be a whole number.")
        return value
    return int(exact) if whole or isinstance(exact, int) else value


def parsed(text: str) -> Any:
    """JSON; raises `Unreadable`."""
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_finite_int)
    except RecursionError:
        raise Unreadable("This JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, character {error.colno}"
        raise Unreadable(f"This is no JSON yet: look at {place}. Texts stand in double quotes.") from None


def _no_constant(name: str) -> Any:
    raise Unreadable(f"JSON has no {name}.")


def _finite(text: str) -> float:
    return number(text, whole=False)


def _finite_int(text: str) -> float:
    return number(text, whole=True)


def _lines(question: Question, text: str) -> list[Any]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kind = question.items.types if question.items else ()
    if kind == ("string",):
        return list(lines)
    return [number(line, whole=kind == ("integer",)) for line in lines]


def _loose(question: Question, text: str) -> Any:
    root, plain = question.root or {}, question.plain
    try:
        value = parsed(text)
    except Unreadable:
        if fits_any(plain, root, "string"):
            return text
        raise
    kind = TYPES[type(value)]
    if fits_any(plain, root, kind) or (kind == "integer" and fits_any(plain, root, "number")):
        return value
    return text if fits_any(plain, root, "string") else value
