"""Rules for declared functions and for how they may be called."""

import re
from collections.abc import Iterator
from typing import Any

from playground.gemini.rules.schemas import schema
from playground.gemini.wire import Json, declarations, value

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")  # documented up to 128, enforced at 64
MOST_TOOLS = 512
MOST_ITEMS = 960  # maxItems, summed over all tools
OPENAPI = {
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "properties",
    "required",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "default",
    "anyOf",
    "propertyOrdering",
    "minProperties",
    "maxProperties",
}


def tools(body: Json) -> Iterator[str]:
    declared = declarations(body)
    if len(declared) > MOST_TOOLS:
        yield f"GenerateContentRequest.tools[0].function_declarations: at most {MOST_TOOLS} are allowed"
    seen: set[str] = set()
    for i, declaration in enumerate(declared):
        where, name = f"GenerateContentRequest.tools[0].function_declarations[{i}]", declaration.get("name", "")
        if not NAME.fullmatch(name):
            yield f"{where}.name: Invalid function name. Must start with a letter or an underscore."
        if name in seen:
            yield f"Duplicate function declaration found: {name}"
        seen.add(name)
        yield from _parameters(where, declaration)
    if sum(_most_items(value(each, "parametersJsonSchema")) for each in declared) > MOST_ITEMS:
        yield "The specified schema produces a constraint that has too many states for serving."


def _parameters(where: str, declaration: Json) -> Iterator[str]:
    for unknown in sorted(_keys(declaration.get("parameters", {})) - OPENAPI):
        yield f"Unknown name {unknown!r} at '{where}.parameters': Cannot find field."
    if (found := value(declaration, "parametersJsonSchema")) is not None:
        yield from schema(found, declaration["name"])


def _keys(schema: Any) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    below = [*schema.get("properties", {}).values(), *schema.get("anyOf", []), schema.get("items")]
    return set(schema).union(*map(_keys, below))


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _most_items(node: Any) -> int:
    own = node.get("maxItems", 0) if isinstance(node, dict) else 0
    return (own if isinstance(own, int) else 0) + sum(map(_most_items, _children(node)))


def calling(body: Json) -> Iterator[str]:
    config = value(value(body, "toolConfig") or {}, "functionCallingConfig") or {}
    mode = config.get("mode", "AUTO")
    if mode not in ("AUTO", "ANY", "NONE", "VALIDATED"):
        yield f"tool_config.function_calling_config.mode: invalid value {mode!r}"
    if value(config, "allowedFunctionNames") and mode not in ("ANY", "VALIDATED"):
        yield "allowed_function_names needs mode ANY or VALIDATED"
    if config and not declarations(body):
        yield "function calling config is set without function_declarations"
