"""What a person filled in, as the arguments that the schema asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.slack.screens.schema_forms.checks import complaint
from bot.slack.screens.schema_forms.fields import LEAVE_OUT, block_id
from bot.slack.screens.schema_forms.questions import ABSENT, Kind, Question
from bot.slack.screens.schema_forms.reading import Unreadable, read_text

NEEDED = "This is needed."


@dataclass
class Filled:
    arguments: dict[str, Any] = field(default_factory=dict)
    """Without what was left out."""
    complaints: dict[str, str] = field(default_factory=dict)
    """By block id, as Slack wants them; empty when all is well."""


def answer(question: Question, element: Mapping[str, Any], filled: Filled) -> None:
    """Take one field's answer into ``filled``."""
    try:
        value = _value(question, element)
    except Unreadable as error:
        filled.complaints[block_id(question.name)] = str(error)
        return
    if value is ABSENT:
        value = _empty(question)
    if value is ABSENT:
        if question.required:
            filled.complaints[block_id(question.name)] = NEEDED
        return
    if not (value is None and question.plain.nullable) and (told := complaint(question, value)):
        filled.complaints[block_id(question.name)] = told
    filled.arguments[question.name] = value


def _empty(question: Question) -> Any:
    """What nothing means, where something is needed."""
    if not question.required:
        return ABSENT
    if question.plain.nullable:
        return None
    return [] if question.may_stay_empty else ABSENT


def _value(question: Question, element: Mapping[str, Any]) -> Any:
    match question.kind:
        case Kind.ONE_OF:
            return _chosen(question, (element.get("selected_option") or {}).get("value", LEAVE_OUT))
        case Kind.SOME_OF:
            keys = [option["value"] for option in element.get("selected_options") or ()]
            return [_chosen(question, key) for key in keys] or ABSENT
        case Kind.DATE:
            return element.get("selected_date") or ABSENT
        case Kind.MOMENT:
            return _moment(element.get("selected_date_time"))
    text = element.get("value")
    return read_text(question, text) if isinstance(text, str) and text.strip() else ABSENT


def _chosen(question: Question, key: str) -> Any:
    if key == LEAVE_OUT:
        return ABSENT
    for choice in question.choices:
        if choice.key == key:
            return choice.value
    raise Unreadable("This can be chosen no longer. Choose another.")


def _moment(seconds: Any) -> Any:
    if not isinstance(seconds, int) or not seconds:
        return ABSENT
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
