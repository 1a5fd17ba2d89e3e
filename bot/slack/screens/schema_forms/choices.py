"""What a person may choose from, out of ``enum``, ``const`` or titled alternatives."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from bot.slack.screens.blocks.text import clipped
from bot.slack.screens.schema_forms.schemas import ALTERNATIVES, Plain, Schema
from mcp_runtime.tools.untrusted_text import one_line, read_alike

LONGEST = 75
"""Of an option's text."""
MOST, MOST_READ = 100, 200
"""That Slack shows; and that are read, some of which may be the same or null. A stranger can name ten thousand."""
LONGEST_VALUE = 24
YES_NO = ("Yes", "No")


@dataclass(frozen=True)
class Choice:
    value: Any
    label: str

    @property
    def key(self) -> str:
        """Names the value among the options: the same in the form and in what comes back of it."""
        told = json.dumps(self.value, sort_keys=True)
        return told if len(told) <= LONGEST_VALUE else hashlib.sha256(told.encode()).hexdigest()[:LONGEST_VALUE]


def choices(plain: Plain) -> tuple[Choice, ...]:
    """Without null, which is to leave it out; none where anything may be typed, or for more than `MOST`."""
    if plain.types == ("boolean",) and "enum" not in plain.schema and "const" not in plain.schema:
        return Choice(True, YES_NO[0]), Choice(False, YES_NO[1])
    told = list(islice(_told(plain.schema), MOST_READ + 1))
    found: dict[str, Choice] = {}
    for value, title in told if len(told) <= MOST_READ else ():
        if value is not None:
            choice = Choice(value, one_line(title, LONGEST) or _label(value))
            found.setdefault(choice.key, choice)
    return _told_apart(found.values()) if len(found) <= MOST else ()


def _told_apart(found: Collection[Choice]) -> tuple[Choice, ...]:
    """Two that a person reads alike say what they stand for as well."""
    read = Counter(read_alike(each.label) for each in found)
    return tuple(each if read[read_alike(each.label)] == 1 else _with_value(each) for each in found)


def _with_value(choice: Choice) -> Choice:
    value = one_line(json.dumps(choice.value, ensure_ascii=False), LONGEST // 2)
    return replace(choice, label=f"{clipped(choice.label, LONGEST - len(value) - 3)} ({value})")


def _told(schema: Schema) -> Iterator[tuple[Any, str]]:
    if "const" in schema:
        yield schema["const"], str(schema.get("title") or "")
    elif isinstance(values := schema.get("enum"), list):
        names = schema.get("enumNames")
        titles: Sequence[Any] = names if isinstance(names, list) and len(names) == len(values) else [""] * len(values)
        yield from zip(values, map(str, titles), strict=True)
    else:
        for word in ALTERNATIVES:
            options = schema.get(word)
            if isinstance(options, list) and 0 < len(options) <= MOST_READ and all(map(_fixed, options)):
                for option in options:
                    yield from _told(option)


def _fixed(option: Any) -> bool:
    return isinstance(option, dict) and ("const" in option or isinstance(option.get("enum"), list))


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return YES_NO[not value]
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return one_line(told, LONGEST) or "(empty)"
