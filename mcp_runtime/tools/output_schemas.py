"""Compare a result with what its tool's definition promises, for a note to the model; a misfit is never a failure.

The schema is a stranger's: no pattern of it is run, nothing is fetched for it, and only so many steps are taken.
"""

from collections.abc import Mapping
from typing import Any

from mcp_runtime.tools.untrusted_text import one_line

MAX_STEPS = 2000
MAX_NAMES = 100_000
"""Looked up in all steps together: a step may go through a list of thousands, or through a path as long."""
NOTHING_CAME = "Its definition promises structured content, and none came."
MISFIT = "It does not fit the tool's own definition: {}."
BROKEN = "The tool's own definition of its results is broken, so they could not be compared."
WHOLE = "the whole"


def misfit(definition: Mapping[str, Any], structured: Any) -> list[str]:
    """A sentence about the first thing that does not fit; none where all does, as far as was looked."""
    schema = definition.get("outputSchema")
    if schema is None:
        return []
    if structured is None:
        return [NOTHING_CAME]
    try:
        found = _Comparison(schema).fault(schema, structured, "")
    except (_OutOfSteps, RecursionError):
        return []
    except _BrokenSchema:
        return [BROKEN]
    return [MISFIT.format(found)] if found else []


def first_misfit(root: Mapping[str, Any], schema: Any, value: Any) -> str:
    """The first part of a value that is not of the kind that its schema says; empty where all is, as far as was looked.

    ``root`` is where references of the schema are looked up.
    """
    try:
        return _Comparison(root).fault(schema, value, "")
    except (_OutOfSteps, RecursionError, _BrokenSchema):
        return ""


class _BrokenSchema(Exception):
    """It is no JSON Schema."""


class _OutOfSteps(Exception):
    """It goes on for too long to be worth a note."""


class _Comparison:
    def __init__(self, root: Any) -> None:
        self._root = root
        self._left = MAX_STEPS
        self._names_left = MAX_NAMES

    def fault(self, schema: Any, value: Any, place: str) -> str:
        self._left -= 1
        if self._left < 0:
            raise _OutOfSteps
        if isinstance(schema, bool):
            return ""
        if not isinstance(schema, dict):
            raise _BrokenSchema
        if isinstance(reference := schema.get("$ref"), str):
            return self.fault(self._target(reference), value, place)
        if wrong := _wrong_kind(schema.get("type"), value, place):
            return wrong
        if isinstance(value, dict):
            return self._of_object(schema, value, place)
        if isinstance(value, list) and isinstance(schema.get("items"), (dict, bool)):
            return self._first(((schema["items"], each, f"{place}[{at}]") for at, each in enumerate(value)))
        return ""

    def _of_object(self, schema: dict[str, Any], value: dict[str, Any], place: str) -> str:
        properties, required = schema.get("properties") or {}, schema.get("required") or []
        if not isinstance(properties, dict) or not isinstance(required, list):
            raise _BrokenSchema
        self._look_up(len(properties) + len(required))
        missing = next((each for each in required if isinstance(each, str) and each not in value), None)
        if missing is not None:
            return f"{_named(f'{place}.{missing}')} is missing"
        there = ((each, value[name], f"{place}.{name}") for name, each in properties.items() if name in value)
        return self._first(there)

    def _first(self, parts: Any) -> str:
        return next((found for part in parts if (found := self.fault(*part))), "")

    def _look_up(self, names: int) -> None:
        self._names_left -= names
        if self._names_left < 0:
            raise _OutOfSteps

    def _target(self, reference: str) -> Any:
        """Within the schema; what is elsewhere may be anything."""
        if not reference.startswith("#"):
            return True
        self._look_up(len(reference))
        target = self._root
        for step in filter(None, reference[1:].split("/")):
            target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
        if target is None:
            raise _BrokenSchema
        return target


KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def _wrong_kind(told: Any, value: Any, place: str) -> str:
    kinds = told if isinstance(told, list) else [] if told is None else [told]
    if any(not isinstance(each, str) or each not in KINDS for each in kinds):
        raise _BrokenSchema
    if not kinds or any(_is(value, each) for each in kinds):
        return ""
    return f"{_named(place)} should be of the type {' or '.join(kinds)}"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    whole = kind != "integer" or not isinstance(value, float) or value.is_integer()
    return isinstance(value, KINDS[kind]) and whole


def _named(place: str) -> str:
    """By a path of the server's own words."""
    return f"“{one_line(place.lstrip('.'))}”" if place else WHOLE
