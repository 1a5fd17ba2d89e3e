"""Definitions that lead back to themselves need a place to stop: Gemini unrolls them only where nothing is required."""

from collections.abc import Iterator
from typing import Any

from bot.agent.gemini.schemas.keywords import Schema
from bot.agent.gemini.schemas.words import with_words


def loosened(definitions: Schema) -> None:
    """A required property that leads back becomes optional, and the model is told that it is required."""
    leads = {name: set(_names(node)) & definitions.keys() for name, node in definitions.items()}
    for round_trip in _round_trips(leads):
        for name in round_trip:
            _stop(definitions[name], round_trip)


def _stop(node: Any, back: set[str]) -> None:
    if isinstance(node, list):
        for child in node:
            _stop(child, back)
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
                _stop(each, back)


def _names(node: Any) -> Iterator[str]:
    """Every definition that a schema refers to, at any depth."""
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"].removeprefix("#/$defs/")
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _names(child)


def _round_trips(leads: dict[str, set[str]]) -> list[set[str]]:
    """Groups of definitions of which each leads to each (Kosaraju); one alone only when it leads to itself."""
    comes: dict[str, set[str]] = {name: set() for name in leads}
    for name, others in leads.items():
        for other in others:
            comes[other].add(name)
    left, groups = set(leads), list[set[str]]()
    for start in reversed(_by_end(leads)):
        if start in left:
            group, ahead = set[str](), [start]
            while ahead:
                if (name := ahead.pop()) in left:
                    left.discard(name)
                    group.add(name)
                    ahead += comes[name]
            groups.append(group)
    return [group for group in groups if len(group) > 1 or group & leads[next(iter(group))]]


def _by_end(leads: dict[str, set[str]]) -> list[str]:
    """In the order in which a walk is done with each; not by recursion."""
    seen, done = set[str](), list[str]()
    for start in leads:
        ahead = [(start, False)]
        while ahead:
            name, over = ahead.pop()
            if over:
                done.append(name)
            elif name not in seen:
                seen.add(name)
                ahead += [(name, True), *((other, False) for other in leads[name])]
    return done
