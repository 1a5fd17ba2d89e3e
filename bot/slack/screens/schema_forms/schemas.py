"""A stranger's JSON schema, made plain: references followed, «or null» noted, what cannot be read left open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

Schema = Mapping[str, Any]

DEEPEST = 8
"""References and single alternatives that are followed; a schema that goes on beyond that is left open."""
ALTERNATIVES = ("anyOf", "oneOf")
MOST_ALTERNATIVES, MOST_READ = 8, 30
"""That are told, and that are looked at: many members may lead to the same long list of them."""


@dataclass(frozen=True)
class Plain:
    schema: Schema
    """Empty when nothing is known of it, so that anything may be given."""
    nullable: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """What it may be, as JSON calls it; none when that is not said."""
        told = self.schema.get("type")
        if isinstance(told, str):
            return (told,)
        if isinstance(told, list):
            return tuple(each for each in told if isinstance(each, str))
        return _implied(self.schema)


def plain(root: Schema, schema: Any, depth: int = 0) -> Plain:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return Plain({})
    if isinstance(schema.get("$ref"), str):
        target = plain(root, _target(root, schema["$ref"]), depth + 1)
        return Plain(_over(target.schema, schema, "$ref"), target.nullable)
    for word in (*ALTERNATIVES, "allOf"):
        options = schema.get(word)
        if isinstance(options, list) and (found := _only_one(root, schema, word, options, depth)):
            return found
    return _without_null(schema)


def members(schema: Schema) -> dict[str, Any]:
    """The members that an object may have, by name, as they are written."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {str(name): each for name, each in properties.items() if each is not False}


def required(schema: Schema) -> set[str]:
    told = schema.get("required")
    return {each for each in told if isinstance(each, str)} if isinstance(told, list) else set()


def alternatives(root: Schema, schema: Schema) -> list[Plain]:
    """What it may be instead of one thing; none where it is one."""
    told: list[Any] = next((schema[word] for word in ALTERNATIVES if isinstance(schema.get(word), list)), [])
    return [plain(root, each) for each in told[:MOST_ALTERNATIVES]]


def _only_one(root: Schema, schema: Schema, word: str, options: list[Any], depth: int) -> Plain | None:
    """All but null is one thing: then it is that."""
    some = (each for each in options if not (isinstance(each, Mapping) and each.get("type") == "null"))
    if len(real := list(islice(some, 2))) != 1:
        return None
    found = plain(root, real[0], depth + 1)
    return Plain(_over(found.schema, schema, word), found.nullable or len(real) < len(options))


def _without_null(schema: Schema) -> Plain:
    told, choices = schema.get("type"), schema.get("enum")
    nullable = bool(schema.get("nullable")) or (isinstance(choices, list) and None in choices) or _or_null(schema)
    if isinstance(told, list) and "null" in told:
        rest = [each for each in told if each != "null"]
        return Plain({**schema, "type": rest[0] if len(rest) == 1 else rest}, True)
    return Plain(schema, nullable)


def _or_null(schema: Schema) -> bool:
    options = (each for word in ALTERNATIVES if isinstance(schema.get(word), list) for each in schema[word])
    return any(isinstance(each, Mapping) and each.get("type") == "null" for each in islice(options, MOST_READ))


def _over(inner: Schema, outer: Schema, word: str) -> Schema:
    """What stands beside a reference outranks what it leads to."""
    return {**inner, **{name: value for name, value in outer.items() if name != word}}


def _target(root: Schema, reference: str) -> Any:
    """Within the schema; nothing is fetched."""
    if not reference.startswith("#"):
        return {}
    target: Any = root
    for step in filter(None, reference[1:].split("/")):
        name = step.replace("~1", "/").replace("~0", "~")
        target = target.get(name) if isinstance(target, Mapping) else None
    return target


def _implied(schema: Schema) -> tuple[str, ...]:
    return tuple(_signs(schema))[:1]


def _signs(schema: Schema) -> Iterator[str]:
    if isinstance(schema.get("properties"), Mapping):
        yield "object"
    if isinstance(schema.get("items"), Mapping):
        yield "array"
    if any(word in schema for word in ("minLength", "maxLength", "pattern", "format")):
        yield "string"
