"""Definitions that lead back to themselves need a place to stop: Gemini unrolls them only where nothing is required."""

from collections.abc import Iterator
from typing import Any

from bot.agent.gemini.schemas.keywords import Schema
from bot.agent.gemini.schemas.words import with_words


def loosened(definitions: Schema) -> None:
    """A required property that leads back becomes optional, and the model is told that it is required."""
    leads = {name: set(_names(node)) for name, node in definitions.items()}
    for name, node in definitions.items():
        back = {other for other in leads if name in _reached(leads, other)}
        if name in back:
            _stop(node, back, name)


def _stop(node: Any, back: set[str], home: str) -> None:
    if isinstance(node, list):
        for child in node:
            _stop(child, back, home)
    if not isinstance(node, dict):
        return
    looping = [name for name in node.get("required", []) if back & set(_names(node["properties"][name]))]
    if looping:
        node["required"] = [name for name in node["required"] if name not in looping]
        if not node["required"]:
            del node["required"]
        with_words(node, [("required", looping)])
    for key, child in node.items():
        if key in ("properties", "items", "prefixItems", "anyOf", "oneOf", "additionalProperties"):
            for each in child.values() if key == "properties" else [child]:
                _stop(each, back, home)


def _names(node: Any) -> Iterator[str]:
    """Every definition that a schema refers to, at any depth."""
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"].removeprefix("#/$defs/")
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _names(child)


def _reached(leads: dict[str, set[str]], name: str) -> set[str]:
    reached, ahead = set[str](), list(leads[name])
    while ahead:
        if (found := ahead.pop()) not in reached:
            reached.add(found)
            ahead += leads.get(found, ())
    return reached
