"""The schemas of an API's description, each by itself: its references written out, and no more than can be offered."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

DEEPEST = 12
LARGEST = 48_000
"""Characters of one tool's schema; a body that is described at greater length is any object."""
MOST_PARTS = 4_000
"""Of one schema once its references are written out, which may be many times what the document holds."""


class Schemas:
    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = tree
        self._parts = 0

    def resolved(self, node: Any, depth: int = 0) -> dict[str, Any]:
        """What a reference inside this document leads to; what leads elsewhere is nothing."""
        if not isinstance(node, dict):
            return {}
        target = node.get("$ref")
        if not isinstance(target, str):
            return node
        found: Any = self._tree
        for word in unquote(target).removeprefix("#/").split("/"):
            found = member(found, word.replace("~1", "/").replace("~0", "~"))
        return self.resolved(found, depth + 1) if target.startswith("#/") and depth < DEEPEST else {}

    def bounded(self, schema: Any) -> dict[str, Any]:
        self._parts = 0
        told = self._inlined(schema, 0)
        fits = self._parts <= MOST_PARTS and len(json.dumps(told, default=str)) <= LARGEST
        if fits and isinstance(told, dict):
            return told
        kind = self.resolved(schema).get("type")
        return {"type": kind} if isinstance(kind, str) else {}

    def _inlined(self, schema: Any, depth: int) -> Any:
        """Without references; what goes on for ever, or deeper than anybody fills in, is anything."""
        if isinstance(schema, list):
            self._parts += len(schema)  # a hundred operations may name the same list of a hundred thousand
            return [self._inlined(each, depth) for each in schema] if self._parts <= MOST_PARTS else []
        if not isinstance(schema, dict):
            return schema
        whole = self.resolved(schema)
        self._parts += 1
        if depth > DEEPEST // 2 or self._parts > MOST_PARTS:
            return {key: whole[key] for key in ("type", "description") if isinstance(whole.get(key), str)}
        return {
            key: self._named(value, depth) if key == "properties" else self._inlined(value, depth + (key != "items"))
            for key, value in whole.items()
            if key not in ("example", "examples", "xml")
        }

    def _named(self, properties: Any, depth: int) -> Any:
        """Their names are the service's own words: one may be called «example»."""
        return {name: self._inlined(each, depth + 1) for name, each in mapping(properties).items()}


def mapping(node: Any) -> dict[Any, Any]:
    return node if isinstance(node, dict) else {}


def listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


def member(node: Any, word: str) -> Any:
    if isinstance(node, list):
        return node[int(word)] if word.isdecimal() and int(word) < len(node) else None
    return mapping(node).get(word)
