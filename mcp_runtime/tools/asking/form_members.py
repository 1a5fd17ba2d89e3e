"""What a field of a server's form may hold, read from its schema; pure."""

from collections.abc import Mapping
from typing import Any


def kinds(member: Mapping[str, Any]) -> list[str]:
    """Its types, without «nothing»."""
    told = member.get("type")
    return [str(each) for each in (told if isinstance(told, list) else [told]) if each not in (None, "null")]


def deeper(value: Any, levels: int) -> bool:
    """Level by level, as a schema nested a thousand times would be too deep for anything that calls itself."""
    inside = [value]
    for _ in range(levels):
        lists = (each.values() if isinstance(each, Mapping) else each for each in inside)
        inside = [one for each in lists for one in each if isinstance(one, (Mapping, list))]
    return bool(inside)


def alternatives(member: Mapping[str, Any]) -> list[Any]:
    """Its `anyOf` or `oneOf`, without «nothing»."""
    options: list[Any] = next((member[word] for word in ("anyOf", "oneOf") if isinstance(member.get(word), list)), [])
    return [each for each in options if not (isinstance(each, Mapping) and each.get("type") == "null")]
