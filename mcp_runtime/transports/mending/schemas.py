"""What a schema of a tool's arguments has to be for the SDK: an object, and its members of their right kinds."""

import json
from typing import Any

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")


def object_schema(given: Any) -> Any:
    """Nothing, or an empty list as PHP sends for an empty object, means no arguments; no type means an object.

    What is no schema at all is given back as it is.
    """
    if given is None or given == [] or isinstance(given, bool):
        return {"type": "object"}
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = _parsed(given)  # encoded twice
    if not isinstance(given, dict):
        return given
    schema = dict(given)
    kinds = schema.get("type") or "object"
    if "object" in (each.casefold() for each in (kinds if isinstance(kinds, list) else [kinds]) if _text(each)):
        schema["type"] = "object"
    properties = schema.get("properties")
    if isinstance(properties, dict):
        schema["properties"] = {name: _argument(each) for name, each in properties.items()}
    elif not properties:
        schema.pop("properties", None)
    if isinstance(required := schema.get("required"), str):
        schema["required"] = [required]
    elif isinstance(required, list):
        schema["required"] = [each for each in required if _text(each)]
    else:  # true or false is how draft 3 said it of each argument
        schema.pop("required", None)
    if not _text(schema.get("$schema")):
        schema.pop("$schema", None)
    return schema


def _argument(given: Any) -> Any:
    """One that nothing is said of may be anything; some say its type alone."""
    if given is None or given == []:
        return {}
    return {"type": given} if _text(given) and given in TYPES else given


def _parsed(given: str) -> Any:
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return given


def _text(given: Any) -> bool:
    return isinstance(given, str)
