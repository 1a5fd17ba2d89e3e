"""Fit one schema: walk it, keep what Gemini takes, tell the rest, and name what is referred to."""

import json
import re
from typing import Any

from bot.agent.gemini.schemas.keywords import FORMATS, KEPT, TOLD, Schema
from bot.agent.gemini.schemas.loops import loosened
from bot.agent.gemini.schemas.merging import Flat, Merging
from bot.agent.gemini.schemas.references import Document, Target
from bot.agent.gemini.schemas.words import is_choice, needs, type_of, with_words

DEEPEST = 10
LARGEST = 3_000  # nodes that are sent in full; a hostile server can make few lines grow without end
TOO_LARGE = 4 * LARGEST
LONGEST = 200_000  # characters; the tokens of a whole conversation
TOO_MUCH = "its definition is too large"
BELOW = ("properties", "items", "prefixItems", "anyOf", "oneOf", "additionalProperties")


class Unfit(ValueError):
    """No loosening makes this an object of arguments. The text is for people."""


def fitted(schema: Any) -> Schema:
    """The schema as Gemini accepts it; one that already fits comes back equal. Raises `Unfit`, and nothing else."""
    try:
        out = _Fitting(schema if isinstance(schema, dict) else {}).root()
        too_long = len(json.dumps(out)) > LONGEST
    except RecursionError:
        raise Unfit("its definition is nested too deeply") from None
    if too_long:
        raise Unfit(TOO_MUCH)
    return out


class _Fitting:
    def __init__(self, root: Schema) -> None:
        self._raw = root
        self._merging = Merging(Document(root))
        self._names: dict[int, str] = {}
        self._taken = set[str]()
        self._waiting: list[tuple[str, Any]] = []
        self._count = 0

    def root(self) -> Schema:
        flat = self._merging.whole(self._raw)
        kinds = flat.schema.get("type", "object")
        if "object" not in (kinds if isinstance(kinds, list) else [kinds]):
            raise Unfit(f"it does not take named values but: {kinds}")
        flat.schema["type"] = "object"
        out: dict[str, Any] = self._sent(flat, 0)
        definitions: dict[str, Any] = {}
        while self._waiting:
            name, raw = self._waiting.pop()
            definitions[name] = self._sent(self._merging.whole(raw), 1)
        if definitions:
            out["$defs"] = definitions
            loosened(definitions)
        return out

    def _node(self, raw: Any, depth: int) -> Schema:
        self._count += 1
        if self._count > TOO_LARGE:
            raise Unfit(TOO_MUCH)
        flat = self._merging.flat(raw)
        return {"$ref": f"#/$defs/{self._name(flat.target)}"} if flat.target else self._sent(flat, depth)

    def _sent(self, flat: Flat, depth: int) -> Schema:
        schema, told = flat.schema, list[tuple[str, Any]]()
        if depth > DEEPEST or self._count > LARGEST:
            self._cut(schema, told, whole=depth > DEEPEST)
        _say(schema, told)
        told += flat.also
        out = {key: self._value(key, schema[key], depth + 1) for key in KEPT if key in schema}
        if missing := [name for name in out.get("required", []) if name not in out.get("properties", {})]:
            told.append(("required", missing))
            out["required"] = [name for name in out["required"] if name not in missing]
        if not out.get("required", True):
            del out["required"]
        if "array" in _kinds(out):
            out.setdefault("items", {})
        return with_words(out, told)

    def _value(self, key: str, value: Any, depth: int) -> Any:
        if key == "properties":
            return {name: self._node(child, depth) for name, child in value.items()}
        if key in ("anyOf", "oneOf", "prefixItems"):
            return [self._node(child, depth) for child in value]
        if key == "items" or (key == "additionalProperties" and not isinstance(value, bool)):
            return self._node(value, depth)
        return value

    def _cut(self, schema: Schema, told: list[tuple[str, Any]], *, whole: bool) -> None:
        """What lies deeper is told and not sent; beyond ``LARGEST`` only that there is more."""
        if rest := {key: schema.pop(key) for key in BELOW if isinstance(schema.get(key), dict | list)}:
            told.append(("inside", rest if whole else "more than can be told"))
            schema.pop("required", None)

    def _name(self, target: Target) -> str:
        if id(target.node) not in self._names:
            plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", target.name).strip("_.-")[:60] or "Value"
            name, number = plain, 1
            while name in self._taken:
                number += 1
                name = f"{plain}_{number}"
            self._taken.add(name)
            self._names[id(target.node)] = name
            self._waiting.append((name, target.node))
        return self._names[id(target.node)]


def _kinds(schema: Schema) -> list[str]:
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [kinds]


def _say(schema: Schema, told: list[tuple[str, Any]]) -> None:
    """Moves what Gemini does not take out of ``schema`` and into ``told``."""
    if "format" in schema and schema["format"] not in FORMATS:
        told.append(("format", schema.pop("format")))
    if "patternProperties" in schema and schema.get("additionalProperties") is False:
        del schema["additionalProperties"]  # it would forbid the names of the pattern
    if isinstance(schema.get("items"), bool) and not schema.pop("items"):
        told.append(("further items", "none"))
    for key, words in (("anyOf", "needs at least one of"), ("oneOf", "needs exactly one of")):
        if key in schema and (names := needs(schema[key])):
            told.append((words, [each[0] if len(each) == 1 else each for each in names]))
            del schema[key]
    if "propertyOrdering" in schema:
        known = schema.get("properties", {})
        schema["propertyOrdering"] = [name for name in schema["propertyOrdering"] if name in known]
    told += [(key, schema.pop(key)) for key in TOLD if key in schema]
    _say_choices(schema, told)


def _say_choices(schema: Schema, told: list[tuple[str, Any]]) -> None:
    """Choices are strings and numbers; others are told."""
    choices = [schema["const"]] if "const" in schema else schema.get("enum", [])
    schema.pop("enum", None)
    if not choices:
        return
    if not all(map(is_choice, choices)):
        told.append(("one of", choices))
        return
    if "type" not in schema and (kind := type_of(choices)):
        schema["type"] = kind
    schema["enum"] = choices
