"""Is this a value that the schema takes? Each complaint is a sentence for the person who typed it.

The schema is a stranger's: of its patterns only those are run that cannot take long, and the server checks for itself
all that is let pass here.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from bot.slack.screens.blocks.text import count
from bot.slack.screens.schema_forms.questions import Question
from bot.slack.screens.schema_forms.schemas import Plain, Schema, alternatives
from mcp_runtime.tools.output_schemas import first_misfit
from mcp_runtime.tools.untrusted_text import one_line

LONGEST_PATTERN, LONGEST_MATCHED = 200, 300
MOST_LOOPS = 2
"""Of a pattern that is run: each takes the time of the text's length once more."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+")
# Characters, classes and anchors, repeated or not; no group, no choice, nothing that looks round.
_ATOM = r"(?:\\[dwsDWS]|\\[^A-Za-z0-9]|\[\^?(?:\\.|[^\[\]\\])+\]|[^\\\[\](){}|?*+^$])"
_SIMPLE = re.compile(rf"\^?(?:{_ATOM}(?:[?*+]|\{{\d{{1,3}}(?:,\d{{0,3}})?\}})?)*\$?")
_LOOP = re.compile(r"(?<!\\)[*+]|\{\d+,\d*\}")


def complaint(question: Question, value: Any) -> str | None:
    """The first thing that is wrong with the whole value."""
    return next(_complaints(question, value), None)


def _complaints(question: Question, value: Any) -> Iterator[str]:
    yield from _of_value(question.plain, value)
    if isinstance(value, list):
        yield from _of_list(question.schema, value)
        if question.items:
            yield from (told for each in value for told in _of_value(question.items, each))
    if misfit := first_misfit(question.root or {}, dict(question.schema), value):
        yield f"This does not fit: {misfit}."


def _of_value(plain: Plain, value: Any) -> Iterator[str]:
    schema = plain.schema
    choices = schema.get("enum")
    if isinstance(choices, list) and choices and value not in choices:
        yield f"This has to be one of: {one_line(', '.join(map(str, choices)), 300)}."
    if isinstance(value, str):
        yield from _of_text(schema, value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _of_number(schema, value)


def _of_text(schema: Schema, text: str) -> Iterator[str]:
    least, most = length(schema, "minLength"), length(schema, "maxLength")
    if least is not None and len(text) < least:
        yield f"This needs at least {count(least, 'character')}."
    if most is not None and len(text) > most:
        yield f"This may have at most {count(most, 'character')}."
    yield from _of_format(schema.get("format"), text)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and _breaks(pattern, text):
        yield f"This does not match the pattern that is asked for: {one_line(pattern, 200)}"


def _of_format(told: Any, text: str) -> Iterator[str]:
    if told == "email" and not _EMAIL.fullmatch(text):
        yield "This is no email address."
    if told in ("uri", "url") and not _URI.fullmatch(text):
        yield "This is no address: it should begin like https://example.com."
    if told == "date" and not _is(date.fromisoformat, text):
        yield "This is no date: write it like 2026-01-31."
    if told == "date-time" and not _is(datetime.fromisoformat, text):
        yield "This is no time: write it like 2026-01-31T09:30:00Z."


def _is(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _of_number(schema: Schema, value: float) -> Iterator[str]:
    least, most = bound(schema, "minimum"), bound(schema, "maximum")
    above, below = bound(schema, "exclusiveMinimum"), bound(schema, "exclusiveMaximum")
    if least is not None and value < least:
        yield f"This has to be {least} or more."
    if most is not None and value > most:
        yield f"This has to be {most} or less."
    if above is not None and value <= above:
        yield f"This has to be more than {above}."
    if below is not None and value >= below:
        yield f"This has to be less than {below}."


def _of_list(schema: Schema, values: list[Any]) -> Iterator[str]:
    least, most = length(schema, "minItems"), length(schema, "maxItems")
    if least is not None and len(values) < least:
        yield f"This needs {least} or more."
    if most is not None and len(values) > most:
        yield f"This may be {most} at most."


def length(schema: Schema, name: str) -> int | None:
    told = schema.get(name)
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None


def bound(schema: Schema, name: str) -> float | None:
    told = schema.get(name)
    return told if isinstance(told, (int, float)) and not isinstance(told, bool) else None


def quick(pattern: str) -> bool:
    """It can be run on a text of bounded length without taking long, and means the same in Python as elsewhere."""
    simple = len(pattern) <= LONGEST_PATTERN and pattern.isascii() and _SIMPLE.fullmatch(pattern) is not None
    loops = len(_LOOP.findall(pattern)) + (not pattern.startswith("^"))
    return simple and loops <= MOST_LOOPS


def _breaks(pattern: str, text: str) -> bool:
    if len(text) > LONGEST_MATCHED or not quick(pattern):
        return False
    ends = pattern.endswith("$") and not pattern.endswith("\\$")
    try:
        return re.search(pattern[:-1] + r"\Z" if ends else pattern, text, re.ASCII) is None
    except re.error:
        return False


def fits_any(plain: Plain, root: Schema, kind: str) -> bool:
    """May it be of this JSON type? Where nothing is said, of any."""
    types = set(plain.types).union(*(each.types for each in alternatives(root, plain.schema)))
    return not types or kind in types
