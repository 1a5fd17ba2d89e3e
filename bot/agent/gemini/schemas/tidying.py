"""One schema as today's draft would write it: what is null, misplaced or of an older draft is absent or mended."""

import math
from collections.abc import Callable
from typing import Any

from bot.agent.gemini.schemas.keywords import ANYTHING, TYPES, Schema


def tidied(raw: Any) -> Schema:
    """Never fails. Schemas below it stay as they came."""
    if isinstance(raw, str):
        return {"type": TYPES[raw.lower()]} if raw.lower() in TYPES else {"description": raw}
    if not isinstance(raw, dict):
        return {}  # `true`, `false` or nonsense: the tool itself decides
    out: Schema = {}
    for key, value in raw.items():
        read = READERS.get(key, _anything)
        if value is not None and (found := read(value)) is not None:
            out[key] = found
    if isinstance(named := raw.get("type"), str) and "type" not in out and named.lower() not in ANYTHING:
        out.setdefault("format", named)
    _mend(out)
    return out


def _mend(out: Schema) -> None:
    for other in ("$dynamicRef", "$recursiveRef"):
        if other in out:
            out.setdefault("$ref", out.pop(other))
    _mend_tuple(out)
    _mend_range(out)
    _mend_type(out)
    # Draft 3 says it beside the property.
    told = [name for name, child in out.get("properties", {}).items() if _says_required(child)]
    if told:
        out["required"] = list(dict.fromkeys([*out.get("required", []), *told]))


def _says_required(child: Any) -> bool:
    return isinstance(child, dict) and child.get("required") is True


def _mend_tuple(out: Schema) -> None:
    """Up to draft 7 a tuple is a list under ``items``."""
    if isinstance(out.get("items"), list):
        out.setdefault("prefixItems", out.pop("items"))
        rest = out.get("additionalItems")
        if rest is not None:
            out["items"] = rest
    out.pop("additionalItems", None)


def _mend_range(out: Schema) -> None:
    """Draft 4 says `exclusiveMinimum: true` beside the number."""
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(out.get(exclusive), bool):
            stands = out.pop(exclusive)
            if stands and limit in out:
                out[exclusive] = out[limit]


def _mend_type(out: Schema) -> None:
    types = out.pop("type", [])
    if not types and "$ref" not in out:
        types = ["object"] if "properties" in out else ["array"] if {"items", "prefixItems"} & out.keys() else []
    if out.pop("nullable", False) and types and "null" not in types:
        types = [*types, "null"]
    if types:
        out["type"] = types[0] if len(types) == 1 else types


def _anything(value: Any) -> Any:
    return value


def _types(value: Any) -> list[str] | None:
    listed = value if isinstance(value, list) else [value]
    names = [each.lower() for each in listed if isinstance(each, str)]
    if any(name in ANYTHING for name in names) or len(names) < len(listed):
        return None  # also draft 3, where a schema may stand among the names
    return list(dict.fromkeys(TYPES[name] for name in names if name in TYPES)) or None


def _named(value: Any) -> Schema | None:
    """Schemas by name; hand-made servers list them, each with its name inside."""
    if isinstance(value, dict):
        return value
    found: Schema = {}
    for each in value if isinstance(value, list) else []:
        if isinstance(each, str):
            found[each] = {}
        elif isinstance(each, dict) and isinstance(each.get("name"), str):
            found[each["name"]] = {key: inside for key, inside in each.items() if key != "name"}
    return found


def _schemas(value: Any) -> list[Any] | None:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, dict | bool | str)] or None


def _schema(value: Any) -> Any:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    if value == []:
        return {}  # PHP writes its empty object so
    return value if isinstance(value, dict | bool) else None


def _items(value: Any) -> Any:
    return (_schemas(value) or {}) if isinstance(value, list) else _schema(value)


def _names(value: Any) -> list[str] | None:
    listed = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return list(dict.fromkeys(listed)) or None


def _choices(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        value = list(value.values())
    return (value if isinstance(value, list) else [value]) or None


def _text(value: Any) -> str | None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = " ".join(value)
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def _limit(value: Any) -> float | bool | None:
    return value if isinstance(value, bool) else _number(value)


def _yes(value: Any) -> bool | None:
    return True if value is True else None


READERS: dict[str, Callable[[Any], Any]] = {
    "type": _types,
    **dict.fromkeys(("properties", "$defs", "definitions"), _named),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), _schemas),
    **dict.fromkeys(("additionalProperties", "additionalItems"), _schema),
    "items": _items,
    **dict.fromkeys(("required", "propertyOrdering"), _names),
    "enum": _choices,
    **dict.fromkeys(("description", "title", "format", "$ref", "$dynamicRef", "$recursiveRef", "pattern"), _text),
    **dict.fromkeys(("minimum", "maximum", "multipleOf", "divisibleBy"), _number),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _limit),
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"), _count),
    **dict.fromkeys(("uniqueItems", "nullable", "deprecated", "readOnly", "writeOnly"), _yes),
}
