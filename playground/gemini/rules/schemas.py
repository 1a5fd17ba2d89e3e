"""Rules for the JSON Schema of a function's arguments; their words, as with Google, seldom name the function."""

from collections.abc import Iterator
from typing import Any

from playground.gemini.wire import Json

DEEPEST = 16  # Google does not publish its own limit
TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}
FORMATS = {"date-time", "date", "time", "int32", "int64", "float", "double", "enum"}
KNOWN = {
    *("$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems"),
    *("minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties"),
    *("required", "propertyOrdering"),
}
TUPLE = "'items' must be a schema (object or boolean), not an array. For tuple validation, use 'prefixItems' instead."
TOO_DEEP = "A schema in GenerateContentRequest.tools[0] exceeds the maximum allowed nesting depth."


def schema(root: Any, name: str) -> Iterator[str]:
    """Complaints about one function's arguments."""
    if not isinstance(root, dict) or root.get("type") != "object":
        yield f"{name} functionDeclaration parameters schema should be of type OBJECT"
        return
    defined = root.get("$defs", {})
    if not isinstance(defined, dict):
        yield "schema at top-level: '$defs' must be an object"
        return
    for where, node in [("top-level", root), *((f"$defs.{each}", node) for each, node in defined.items())]:
        yield from _node(node, where, 1, set(defined))
    yield from _loops(defined)


def _node(node: Any, where: str, depth: int, defined: set[str]) -> Iterator[str]:
    if not isinstance(node, dict):
        yield f"schema at {where} must be an object"
        return
    if depth > DEEPEST:
        yield TOO_DEEP
        return
    if empty := [key for key, value in node.items() if value is None]:
        yield f"schema at {where}: '{empty[0]}' must not be null"
        return
    if "$ref" in node:
        yield from _reference(node, where, defined)
        return
    if unknown := node.keys() - KNOWN:
        yield f"schema at {where}: unsupported keyword '{min(unknown)}'"
    if "$defs" in node and where != "top-level":
        yield f"schema at {where}: '$defs' is supported at top-level only"
    yield from _values(node, where)
    for step, child in _children(node):
        yield from _node(child, step if where == "top-level" else f"{where}.{step}", depth + 1, defined)


def _reference(node: Json, where: str, defined: set[str]) -> Iterator[str]:
    name = str(node["$ref"]).removeprefix("#/$defs/")
    if any(not key.startswith("$") for key in node):
        yield f"$ref '{name}' was set alongside unsupported fields."
    if not str(node["$ref"]).startswith("#/$defs/") or name not in defined:
        yield f"reference to undefined schema at {where}"


def _values(node: Json, where: str) -> Iterator[str]:
    types = node.get("type", [])
    types = types if isinstance(types, list) else [types]
    if unknown := [each for each in types if each not in TYPES]:
        yield f"schema at {where}: unknown type {unknown[0]!r}"
    if "array" in types and "items" not in node:
        yield f"{where}.items: missing field."
    if isinstance(node.get("items"), list):
        yield TUPLE
    for key, kind in (("properties", dict), ("required", list), ("enum", list), ("anyOf", list), ("oneOf", list)):
        if key in node and not isinstance(node[key], kind):
            yield f"schema at {where}: '{key}' must be of type {kind.__name__}"
            return
    for key in ("enum", "anyOf", "oneOf"):
        if key in node and not node[key]:
            yield f"schema at {where}: '{key}' must not be empty"
    for i, choice in enumerate(node.get("enum", [])):
        if isinstance(choice, bool) or not isinstance(choice, str | int | float) or choice == "":
            yield f"{where}.enum[{i}]: cannot be empty or of this type"
    if undefined := [name for name in node.get("required", []) if name not in node.get("properties", {})]:
        yield f"schema at {where} requires unspecified property '{undefined[0]}'"
    if not isinstance(node.get("description", ""), str):
        yield f"schema at {where}: 'description' must be a string"
    if node.get("format", "date") not in FORMATS:
        yield f"{where}.format: only a few formats are supported"


def _children(node: Json) -> Iterator[tuple[str, Any]]:
    for name, child in node.get("properties", {}).items():
        yield f"properties.{name}", child
    for key in ("anyOf", "oneOf", "prefixItems"):
        for i, child in enumerate(node.get(key, [])):
            yield f"{key}[{i}]", child
    if "items" in node and not isinstance(node["items"], list | bool):
        yield "items", node["items"]
    if "additionalProperties" in node and not isinstance(node["additionalProperties"], bool):
        yield "additionalProperties", node["additionalProperties"]


def _loops(defined: Json) -> Iterator[str]:
    """A definition may lead back to itself only where it need not."""
    leads = {name: set(_needed(node)) for name, node in defined.items()}
    for name in leads:
        reached, ahead = set[str](), list(leads[name])
        while ahead:
            if (found := ahead.pop()) not in reached:
                reached.add(found)
                ahead += leads.get(found, ())
        if name in reached:
            yield f"reference '{name}' is recursive outside of optional properties"


def _needed(node: Any) -> Iterator[str]:
    """The definitions that a value of this schema cannot do without."""
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        yield node["$ref"].removeprefix("#/$defs/")
    for name in node.get("required", []):
        yield from _all(node.get("properties", {}).get(name))


def _all(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix("#/$defs/")
        for _, child in _children(node):
            yield from _all(child)
