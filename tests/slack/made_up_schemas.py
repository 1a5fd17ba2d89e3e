"""Schemas as tools declare them, made up by chance, with arguments that fit them and that a form can show."""

from collections.abc import Callable
from random import Random
from typing import Any

Json = dict[str, Any]
WORDS = ("repo", "pull number", "größe", "日本語", "🙂", "a_b", "x-y", "camelCase", "body", "*b* <!channel>", "עברית")
TEXTS = (
    "a",
    "two words",
    "line\nbreak",
    "🙂 and 日本語",
    '"quoted"',
    "{not json",
    "12",
    "true",
    "null",
    " padded ",
    "*_~`<@U1>",
)
FORMATS: dict[str, tuple[str, ...]] = {
    "email": ("ada@example.com",),
    "date": ("2026-01-31", "1969-07-20"),
    "date-time": ("2026-01-31T09:30:00Z", "2030-12-31T23:59:59Z"),
    "uri": ("https://example.com/a?b=c#d", "postgres://db:5432/x"),
}


def schema(chance: Random, most: int = 25) -> tuple[Json, Json]:
    """With arguments for all that is needed and some that is not."""
    properties, arguments, needed = {}, {}, []
    for number in range(chance.randint(0, most)):
        name = f"{chance.choice(WORDS)}{number}"
        properties[name], value = member(chance)
        if needs := chance.random() < 0.4:
            needed.append(name)
        if needs or chance.random() < 0.5:
            arguments[name] = value
    return {"type": "object", "properties": properties, "required": needed}, arguments


def member(chance: Random) -> tuple[Json, Any]:
    made, value = chance.choice(MAKERS)(chance)
    if chance.random() < 0.5:
        made["description"] = chance.choice(TEXTS) * chance.randint(1, 300)
    if chance.random() < 0.3:
        made["title"] = chance.choice(WORDS) * chance.randint(1, 60)
    return (_or_null(chance, made), value) if chance.random() < 0.2 else (made, value)


def _or_null(chance: Random, made: Json) -> Json:
    if isinstance(made.get("type"), str) and chance.random() < 0.5:
        return {**made, "type": [made["type"], "null"]} if "enum" not in made else made
    return {"anyOf": [made, {"type": "null"}]}


def _text(chance: Random) -> tuple[Json, Any]:
    value = chance.choice(TEXTS)
    bounds = {"minLength": chance.randint(0, len(value)), "maxLength": len(value) + chance.choice((0, 5, 1000, 10**9))}
    return {"type": "string", **(bounds if chance.random() < 0.5 else {})}, value


def _formatted(chance: Random) -> tuple[Json, Any]:
    told = chance.choice(list(FORMATS))
    return {"type": "string", "format": told}, chance.choice(FORMATS[told])


def _number(chance: Random) -> tuple[Json, Any]:
    value: float = chance.choice((0, 1, -5, 10**9, 0.5, -2.25, 3.0, 123456.789))
    bounds = {"minimum": value - chance.choice((0, 1, 10**16)), "maximum": value + chance.choice((0, 2, 2**53))}
    return {"type": "number", **(bounds if chance.random() < 0.5 else {})}, value


def _whole(chance: Random) -> tuple[Json, Any]:
    value = chance.randint(-(10**6), 10**6)
    bounds = {"minimum": value - chance.choice((0, 0.5, 2**53)), "maximum": value + chance.choice((0, 0.5, 2**53))}
    return {"type": "integer", **(bounds if chance.random() < 0.5 else {})}, value


def _yes_no(chance: Random) -> tuple[Json, Any]:
    return {"type": "boolean", "default": chance.random() < 0.5}, chance.random() < 0.5


def _choice(chance: Random) -> tuple[Json, Any]:
    values = [*(chance.choice(TEXTS) * chance.randint(1, 40) for _ in range(chance.randint(1, 99))), ""]
    if chance.random() < 0.5:
        titled = [{"const": value, "title": chance.choice(WORDS)} for value in dict.fromkeys(values)]
        return {"type": "string", "oneOf": titled}, chance.choice(values)
    return {"type": "string", "enum": values}, chance.choice(values)


def _odd_choice(chance: Random) -> tuple[Json, Any]:
    values = [1, "1", 2.5, "long " * 40, "x"]
    return {"enum": values}, chance.choice(values)


def _choices(chance: Random) -> tuple[Json, Any]:
    values = [f"{word}{number}" for number, word in enumerate(WORDS)]
    chosen = [each for each in values if chance.random() < 0.3]
    return {"type": "array", "items": {"type": "string", "enum": values}}, chosen or values[:1]


def _lines(chance: Random) -> tuple[Json, Any]:
    kinds: list[tuple[str, list[Any]]] = [("string", ["a b", "c", "12"]), ("integer", [1, -2]), ("number", [0.5, 2])]
    kind, values = chance.choice(kinds)
    return {"type": "array", "items": {"type": kind}}, values


def _object(chance: Random) -> tuple[Json, Any]:
    inner, arguments = schema(chance, 3)
    return inner, arguments


def _objects(chance: Random) -> tuple[Json, Any]:
    inner, arguments = schema(chance, 2)
    return {"type": "array", "items": inner}, [arguments, arguments]


def _loose(chance: Random) -> tuple[Json, Any]:
    told: list[Json] = [
        {},
        {"type": ["string", "number"]},
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {}}, {"type": "number"}]},
    ]
    return chance.choice(told), chance.choice(("x", "12", 12, "null", 0.5))


MAKERS: tuple[Callable[[Random], tuple[Json, Any]], ...] = (
    *(_text, _formatted, _number, _whole, _yes_no, _choice, _odd_choice, _choices, _lines, _object, _objects, _loose),
)


def rubbish(chance: Random, depth: int = 4) -> Any:
    """What no tool should declare, under the words that schemas are made of."""
    words = ("type", "properties", "items", "enum", "anyOf", "oneOf", "allOf", "$ref", "required", "format", "default")
    more = ("const", "title", "description", "minimum", "maxLength", "minItems", "pattern", "enumNames", "nullable")
    simple = (
        None,
        True,
        0,
        -1,
        1e300,
        "",
        "object",
        "string",
        "array",
        "#",
        "#/properties/a",
        "(a+)+$",
        "x" * 4000,
        "\ud800",
    )
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(simple)
    if chance.random() < 0.3:
        return [rubbish(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    names = [chance.choice((*words, *more, "a", "")) for _ in range(chance.randint(0, 6))]
    return {name: rubbish(chance, depth - 1) for name in names}
