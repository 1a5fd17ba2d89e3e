"""A question as a field of Slack's form."""

import hashlib
import json
import re
from datetime import UTC, date, datetime
from typing import Any

from bot.slack.screens.blocks.elements import Block, field, option, plain, select, text_input
from bot.slack.screens.schema_forms.checks import bound, length
from bot.slack.screens.schema_forms.questions import ABSENT, Kind, Question
from bot.slack.screens.schema_forms.reading import read_text
from bot.slack.screens.schema_forms.words import hint

FIELD = "argument:"
ACTION = "value"
LEAVE_OUT = "leave out"
"""Among the options; a single choice cannot be taken back in Slack."""
LONGEST_TEXT = 3000
LONGEST_DEFAULT = 1000
WIDEST_BOUND = 10**12
LONGEST_NAME = 200

_LONG = re.compile(
    r"(?i)(?:^|_)(?:body|content|contents|text|message|description|query|sql|code|script|prompt|markdown|html|comment|"
    r"instructions?|patch|diff)$"
)


def block_id(name: str) -> str:
    """The same in the form and in what comes back of it; Slack takes 255 characters."""
    return FIELD + (name if len(name) <= LONGEST_NAME else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest())


def input_block(question: Question, value: Any = ABSENT) -> Block:
    """``value`` is shown in it; `ABSENT` shows the schema's own default."""
    shown = _default(question) if value is ABSENT else value
    made = field(
        block_id(question.name),
        question.label,
        _element(question, shown),
        hint=hint(question),
        optional=question.may_stay_empty,
    )
    made["label"]["emoji"] = False  # strangers' words are shown as they are
    if "hint" in made:
        made["hint"]["emoji"] = False
    return made


def _default(question: Question) -> Any:
    told = question.default
    return told if told is not ABSENT and len(json.dumps(told)) <= LONGEST_DEFAULT else ABSENT


def _element(question: Question, value: Any) -> Block:
    match question.kind:
        case Kind.ONE_OF:
            return _one_of(question, value)
        case Kind.SOME_OF:
            return _some_of(question, value)
        case Kind.WHOLE | Kind.NUMBER:
            return _number(question, value)
        case Kind.DATE:
            known = isinstance(value, str) and _parsed(date.fromisoformat, value)
            return _with({"type": "datepicker", "action_id": ACTION}, "initial_date", known and str(known))
        case Kind.MOMENT:
            return _with({"type": "datetimepicker", "action_id": ACTION}, "initial_date_time", _seconds(value))
        case Kind.EMAIL:
            box: Block = {"type": "email_text_input", "action_id": ACTION}
            return _with(box, "initial_value", value if isinstance(value, str) else "")
    return _text(question, value)


def _one_of(question: Question, value: Any) -> Block:
    options = {choice.key: option(choice.label, choice.key) for choice in question.choices}
    chosen = _key(question, value)
    if question.may_stay_empty and len(options) < 100:
        options = {LEAVE_OUT: option("Leave it out", LEAVE_OUT), **options}
    if not chosen and question.required and not question.plain.nullable and len(question.choices) == 1:
        chosen = question.choices[0].key
    for each in options.values():
        each["text"]["emoji"] = False
    box = select(ACTION, list(options.values()), options.get(chosen))
    return box | {"placeholder": plain("Choose one")}


def _some_of(question: Question, value: Any) -> Block:
    options = {choice.key: option(choice.label, choice.key) for choice in question.choices}
    for each in options.values():
        each["text"]["emoji"] = False
    chosen = [options[key] for key in (_key(question, each) for each in _listed(value)) if key]
    box: Block = {"type": "multi_static_select", "action_id": ACTION, "options": list(options.values())}
    most = length(question.schema, "maxItems")
    box = _with(box, "max_selected_items", most if most and most < len(options) else 0)
    if most and len(chosen) > most:
        chosen = []
    return _with(box, "initial_options", list({each["value"]: each for each in chosen}.values()))


def _key(question: Question, value: Any) -> str:
    return next((each.key for each in question.choices if type(each.value) is type(value) and each.value == value), "")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(question: Question, value: Any) -> Block:
    whole = question.kind is Kind.WHOLE
    box: Block = {"type": "number_input", "action_id": ACTION, "is_decimal_allowed": not whole}
    least, most = (_bound(bound(question.schema, name), whole=whole) for name in ("minimum", "maximum"))
    if not (least and most and float(least) > float(most)):
        box = _with(_with(box, "min_value", least), "max_value", most)
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return _with(box, "initial_value", _decimal(value) if known else "")


def _bound(value: float | None, *, whole: bool) -> str:
    """Slack counts in numbers of this size; a fraction is no bound for whole ones."""
    known = value is not None and abs(value) <= WIDEST_BOUND and not (whole and value != int(value))
    return _decimal(value) if known and value is not None else ""


def _decimal(value: float) -> str:
    """Without an exponent, which Slack's field does not know; empty where it cannot be told so."""
    told = str(int(value)) if float(value).is_integer() else str(value)
    return told if len(told) <= 20 and "e" not in told and "n" not in told else ""


def _text(question: Question, value: Any) -> Block:
    listed = question.kind in (Kind.LINES, Kind.JSON)
    initial = "" if value is ABSENT or value is None else typed(question, value)
    if len(initial) > LONGEST_TEXT:
        initial = ""
    longest = length(question.schema, "maxLength") if question.kind is Kind.TEXT else None
    multiline = listed or "\n" in initial or bool(_LONG.search(question.name)) or (longest or 0) > 300
    placeholder = "https://" if question.schema.get("format") in ("uri", "url") else ""
    box = text_input(initial=initial, multiline=multiline, placeholder=placeholder)
    if longest and len(initial) <= longest <= LONGEST_TEXT:
        box["max_length"] = longest
    return box


def typed(question: Question, value: Any) -> str:
    """The text that is read as this value; empty when there is none."""
    match question.kind:
        case Kind.LINES:
            told = "\n".join(str(each) for each in _listed(value))
        case Kind.JSON:
            told = json.dumps(value, ensure_ascii=False, indent=2)
        case _ if isinstance(value, str):
            told = value if _reads_as(question, value, value) else json.dumps(value, ensure_ascii=False)
        case _:
            told = json.dumps(value, ensure_ascii=False)
    return told if _reads_as(question, told, value) else ""


def _reads_as(question: Question, text: str, value: Any) -> bool:
    try:
        return bool(json.dumps(read_text(question, text)) == json.dumps(value))
    except ValueError:
        return False


def _seconds(value: Any) -> int:
    """Of a moment, as Slack counts them; 0 where it is none that Slack could show."""
    known = isinstance(value, str) and _parsed(datetime.fromisoformat, value)
    if not known:
        return 0
    moment = known if known.tzinfo else known.replace(tzinfo=UTC)
    seconds = int(moment.timestamp())
    return seconds if 10**9 <= seconds < 10**10 else 0


def _parsed(read: Any, text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        return None


def _with(block: Block, name: str, value: Any) -> Block:
    return block | {name: value} if value else block
