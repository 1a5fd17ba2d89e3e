"""A schema in plain words: for the hint under a field, and for the list of what a tool takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.slack.screens.blocks.text import clipped, count
from bot.slack.screens.schema_forms import schemas
from bot.slack.screens.schema_forms.checks import bound, length
from bot.slack.screens.schema_forms.questions import MOST_READ, Kind, Question, first
from bot.slack.screens.schema_forms.schemas import Plain, Schema, alternatives
from mcp_runtime.tools.untrusted_text import one_line

LONGEST_HINT, LONGEST_DESCRIPTION = 600, 300
NAMED_CHOICES, MOST_CHOICES = 4, 100
KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "array": "list",
    "object": "object",
}
FORMATS = {
    "email": "email address",
    "uri": "web address",
    "url": "web address",
    "date": "date",
    "date-time": "date and time",
}
LISTS = {
    "string": "texts",
    "integer": "whole numbers",
    "number": "numbers",
    "object": "objects",
    "boolean": "yes or no",
}


@dataclass(frozen=True)
class Summary:
    """Each as «repo (text)», of a stranger's words on one line."""

    needs: list[str]
    may_have: list[str]


def summary(schema: Schema) -> Summary:
    told = [(each, f"{one_line(each.name, 60)} ({kind_of(each)})") for each in first(schema, MOST_CHOICES)]
    return Summary([text for each, text in told if each.required], [text for each, text in told if not each.required])


def kind_of(question: Question) -> str:
    if question.kind in (Kind.ONE_OF, Kind.SOME_OF):
        labels = [choice.label for choice in question.choices]
        if set(labels) == {"Yes", "No"}:
            return "yes or no"
        named = ", ".join(clipped(label, 30) for label in labels[:NAMED_CHOICES])
        more = f" and {len(labels) - NAMED_CHOICES} more" if len(labels) > NAMED_CHOICES else ""
        return f"{'one' if question.kind is Kind.ONE_OF else 'some'} of: {named}{more}"
    return shape(question.root or {}, question.plain)


def shape(root: Schema, plain: Plain) -> str:
    """In a word or two."""
    told = plain.schema.get("format")
    if plain.types == ("string",) and isinstance(told, str) and told in FORMATS:
        return FORMATS[told]
    if plain.types == ("array",):
        items = schemas.plain(root, plain.schema.get("items"))
        return f"list of {LISTS[items.types[0]]}" if len(items.types) == 1 and items.types[0] in LISTS else "list"
    kinds = [KINDS[each] for each in plain.types if each in KINDS]
    for each in alternatives(root, plain.schema):
        kinds += [KINDS[kind] for kind in each.types if kind in KINDS]
    return " or ".join(dict.fromkeys(kinds)) or "anything"


def hint(question: Question) -> str:
    description = one_line(str(question.schema.get("description") or ""), LONGEST_DESCRIPTION)
    if description and description[-1] not in ".!?…:":
        description += "."
    return one_line(" ".join([description, *_rules(question)]), LONGEST_HINT)


def _rules(question: Question) -> Iterator[str]:
    match question.kind:
        case Kind.LINES:
            yield "One per line."
        case Kind.JSON:
            yield f"Written as JSON: {_outline(question)}."
        case Kind.LOOSE:
            yield f"This may be {shape(question.root or {}, question.plain)}."
    yield from _bounds(question.schema)
    pattern = question.schema.get("pattern")
    if isinstance(pattern, str):
        yield f"It has to match the pattern {one_line(pattern, 100)}"
    choices = question.schema.get("enum")
    if isinstance(choices, list) and not question.choices:
        yield f"One of: {one_line(', '.join(map(str, choices)), 200)}."


def _bounds(schema: Schema) -> Iterator[str]:
    least, most = _small(schema, "minimum"), _small(schema, "maximum")
    if least is not None and most is not None:
        yield f"From {least} to {most}."
    elif least is not None:
        yield f"{least} or more."
    elif most is not None:
        yield f"{most} or less."
    if (longest := length(schema, "maxLength")) is not None and longest < 3000:
        yield f"At most {count(longest, 'character')}."
    if (fewest := length(schema, "minItems")) and fewest > 1:
        yield f"At least {fewest}."
    if (most_items := length(schema, "maxItems")) is not None:
        yield f"At most {most_items}."


def _small(schema: Schema, name: str) -> float | None:
    """Worth telling: not the largest number that a machine knows."""
    told = bound(schema, name)
    return told if told is not None and abs(told) < 10**12 else None


def _outline(question: Question) -> str:
    root, schema = question.root or {}, question.schema
    if question.plain.types == ("array",):
        items = schemas.plain(root, schema.get("items"))
        of_items = _members(root, items.schema)
        return f"a list of objects with {of_items}" if of_items else f"a {shape(root, question.plain)}"
    return f"an object with {inner}" if (inner := _members(root, schema)) else "an object"


def _members(root: Schema, schema: Schema) -> str:
    needed = schemas.required(schema)
    told = [
        f"{one_line(name, 40)} ({shape(root, schemas.plain(root, each))}{', needed' if name in needed else ''})"
        for name, each in islice(schemas.members(schema).items(), MOST_READ)
    ]
    return one_line(", ".join(told), 200)
