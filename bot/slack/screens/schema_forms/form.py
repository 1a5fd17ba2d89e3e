"""A form made from a JSON schema, and what comes back of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.screens.blocks.elements import Block, context, field, text_input
from bot.slack.screens.schema_forms import schemas
from bot.slack.screens.schema_forms.answers import Filled, answer
from bot.slack.screens.schema_forms.fields import ACTION, block_id, input_block
from bot.slack.screens.schema_forms.questions import ABSENT, MOST_FIELDS, MOST_READ, Question, questions
from bot.slack.screens.schema_forms.reading import Unreadable, parsed
from bot.slack.screens.schema_forms.schemas import Schema
from bot.slack.screens.schema_forms.words import kind_of
from mcp_runtime.tools.untrusted_text import one_line

MORE = "more arguments"
"""The block of what has no field of its own."""
ROOM_FOR_TEXTS = 60_000
"""Bytes of all that is filled in beforehand: Slack takes 250 kB in a view."""
NOTHING_ASKED = "There is nothing to fill in."
NO_OBJECT = 'Write a JSON object, such as {"name": "value"}.'


@dataclass(frozen=True)
class Form:
    blocks: list[Block]
    too_much: list[str]
    """Names of those that have no field of their own, and are written into the last one as JSON."""


def blocks(schema: Schema, values: Mapping[str, Any] | None = None) -> Form:
    """At most `MOST_FIELDS` fields and one more, with ``values`` filled in, else the schema's own defaults."""
    given = dict(values or {})
    asked, rest = _parted(schema)
    shown, left = [], ROOM_FOR_TEXTS
    for question in asked:
        value = given.pop(question.name, ABSENT)
        left -= 0 if value is ABSENT else len(json.dumps(value))
        shown.append(input_block(question, value if left >= 0 else ABSENT))
    if rest or _open(schema):
        shown.append(_more(rest, given))
    return Form(shown or [context(NOTHING_ASKED)], [each.name for each in rest])


def read(schema: Schema, state: Mapping[str, Mapping[str, Any]]) -> Filled:
    """``state`` is the ``state.values`` of a view that holds the `blocks` of this schema."""
    filled = Filled()
    asked, rest = _parted(schema)
    for question in asked:
        answer(question, _element(state, block_id(question.name)), filled)
    if rest or _open(schema):
        _read_more(rest, str(_element(state, MORE).get("value") or ""), filled)
    return filled


def _parted(schema: Schema) -> tuple[list[Question], list[Question]]:
    found = questions(schema)
    return found[:MOST_FIELDS], found[MOST_FIELDS:]


def _open(schema: Schema) -> bool:
    """It names no members, and takes some."""
    whole = schemas.plain(schema, schema).schema
    more = whole.get("additionalProperties")
    named = bool(schemas.members(whole))
    alternative = any(word in whole for word in (*schemas.ALTERNATIVES, "allOf"))
    return not named and (more is True or bool(isinstance(more, Mapping)) or alternative)


def _element(state: Mapping[str, Mapping[str, Any]], block: str) -> Mapping[str, Any]:
    found: Any = next(iter(state.get(block, {}).values()), {})
    return found if isinstance(found, Mapping) else {}


def _more(rest: list[Question], given: Mapping[str, Any]) -> Block:
    told = ", ".join(f"{one_line(each.name, 60)} ({kind_of(each)})" for each in rest[:MOST_READ])
    hint = f"Written as JSON. There may be: {told}" if rest else f"Written as JSON. {NO_OBJECT}"
    initial = json.dumps(given, ensure_ascii=False, indent=2) if given else ""
    box = text_input(initial=initial if len(initial) <= 3000 else "", multiline=True, placeholder='{"name": "value"}')
    needed = any(each.required for each in rest)
    made = field(MORE, "More" if rest else "Arguments", box, hint=one_line(hint, 1500), optional=not needed)
    made["hint"]["emoji"] = False
    return made


def _read_more(rest: list[Question], text: str, filled: Filled) -> None:
    try:
        value = parsed(text) if text.strip() else {}
    except Unreadable as error:
        filled.complaints[MORE] = str(error)
        return
    if not isinstance(value, dict):
        filled.complaints[MORE] = NO_OBJECT
    elif missing := [each.name for each in rest if each.required and each.name not in value]:
        filled.complaints[MORE] = f"This is still needed: {one_line(', '.join(missing), 300)}."
    else:
        filled.arguments |= {name: each for name, each in value.items() if name not in filled.arguments}


__all__ = ["ACTION", "Filled", "Form", "blocks", "read"]
