"""What a form asks: one question for each argument of a tool, or member of what a server wants to know."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from bot.slack.screens.blocks.text import apart
from bot.slack.screens.schema_forms import schemas
from bot.slack.screens.schema_forms.choices import Choice, choices
from bot.slack.screens.schema_forms.schemas import Plain, Schema
from mcp_runtime.tools.untrusted_text import one_line

MOST_FIELDS = 20
"""In one form; more would be no form that anybody fills in."""
MOST_READ = 60
"""What else there is can be given by its name: a stranger may name thousands, each of which leads to all the rest."""
MOST_CHOICES = 800
ROOM_FOR_CHOICES = 120_000
"""Bytes of all options of a form: Slack takes 250 kB in a view."""
LONGEST_LABEL = 100
ABSENT = object()


class Kind(Enum):
    TEXT = auto()
    EMAIL = auto()
    DATE = auto()
    MOMENT = auto()
    WHOLE = auto()
    NUMBER = auto()
    ONE_OF = auto()
    SOME_OF = auto()
    LINES = auto()
    """A list of texts or numbers, one per line."""
    LOOSE = auto()
    """Text, or something else where what was typed is that in JSON."""
    JSON = auto()


@dataclass(frozen=True)
class Question:
    name: str
    plain: Plain
    kind: Kind
    required: bool
    items: Plain | None = None
    """Of each line, or of each thing chosen."""
    choices: tuple[Choice, ...] = ()
    root: Schema | None = None
    """In which references are looked up."""

    @property
    def schema(self) -> Schema:
        return self.plain.schema

    @property
    def label(self) -> str:
        return one_line(str(self.schema.get("title") or ""), LONGEST_LABEL) or spoken(self.name)

    @property
    def default(self) -> Any:
        """`ABSENT` when there is none."""
        return self.schema.get("default", ABSENT)

    @property
    def may_stay_empty(self) -> bool:
        """An empty list or null, though it is needed, or nothing where it is not."""
        listed = self.kind in (Kind.SOME_OF, Kind.LINES) and not self.schema.get("minItems")
        return not self.required or self.plain.nullable or listed


def spoken(name: str) -> str:
    """«pull_number» as «Pull number»."""
    words = one_line(apart(name).replace("_", " ").replace("-", " "), LONGEST_LABEL)
    return words[:1].upper() + words[1:] if words else "(no name)"


def questions(schema: Schema) -> list[Question]:
    """All of them, those first without which it does not go; what is not read any more may be anything."""
    whole = schemas.plain(schema, schema).schema
    needed = schemas.required(whole)
    unread = (Question(name, Plain({}), Kind.LOOSE, name in needed) for name in _names(whole, needed)[MOST_READ:])
    return [*_within_a_view(first(schema)), *unread]


def first(schema: Schema, most_choices: int = MOST_CHOICES) -> list[Question]:
    """The first `MOST_READ`; what may be chosen is read until it is so many values, and typed from there on."""
    whole = schemas.plain(schema, schema).schema
    needed, members = schemas.required(whole), schemas.members(whole)
    found: list[Question] = []
    for name in _names(whole, needed)[:MOST_READ]:
        plain = schemas.plain(schema, members[name])
        made = question(schema, name, plain, required=name in needed) if most_choices > 0 else None
        most_choices -= len(made.choices) if made else 0
        found.append(made or Question(name, plain, _kind(plain), name in needed, root=schema))
    return found


def _names(whole: Schema, needed: Collection[str]) -> list[str]:
    return sorted(schemas.members(whole), key=lambda name: name not in needed)


def question(root: Schema, name: str, plain: Plain, *, required: bool) -> Question:
    offered = choices(plain)
    if offered:
        return Question(name, plain, Kind.ONE_OF, required, choices=offered, root=root)
    if plain.types == ("array",) and isinstance(plain.schema.get("items"), Mapping):
        items = schemas.plain(root, plain.schema["items"])
        of_items = choices(items)
        if of_items:
            return Question(name, plain, Kind.SOME_OF, required, items, of_items, root)
        if items.types in (("string",), ("number",), ("integer",)) and not items.nullable:
            return Question(name, plain, Kind.LINES, required, items, root=root)
    return Question(name, plain, _kind(plain), required, root=root)


def _kind(plain: Plain) -> Kind:
    match plain.types:
        case ("string",):
            return _of_text(plain.schema.get("format"))
        case ("integer",):
            return Kind.WHOLE
        case ("number",):
            return Kind.NUMBER
        case ("object",) | ("array",):
            return Kind.JSON
    return Kind.LOOSE


def _of_text(told: Any) -> Kind:
    kinds = {"email": Kind.EMAIL, "date": Kind.DATE, "date-time": Kind.MOMENT}
    return kinds.get(told, Kind.TEXT) if isinstance(told, str) else Kind.TEXT


def _within_a_view(found: list[Question]) -> list[Question]:
    """Choices for which there is no room any more are typed."""
    left = ROOM_FOR_CHOICES
    fitting = []
    for each in found:
        left -= sum(150 + len(json.dumps(choice.label)) for choice in each.choices)
        fitting.append(each if left >= 0 or not each.choices else _typed(each))
    return fitting


def _typed(question: Question) -> Question:
    strings = all(isinstance(choice.value, str) for choice in question.choices)
    kind = Kind.JSON if question.kind is Kind.SOME_OF else Kind.TEXT if strings else Kind.LOOSE
    return replace(question, kind=kind, choices=(), items=None)
