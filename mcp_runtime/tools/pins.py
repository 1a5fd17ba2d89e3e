"""What a server offers, and the pin of each tool: the hash of the definition that a member accepts."""

import json
from dataclasses import dataclass
from typing import Any

from mcp import types

from mcp_runtime.tools.untrusted_text import MAX_DESCRIPTION, clipped, one_line, visible
from storage.repositories.mcp.tools import pin_of as pin_of

MAX_SCHEMA = 64_000
"""Bytes of one tool's definition; a larger one is not offered."""
UNPINNED = ("_meta", "icons")
MAX_NAME = 200


@dataclass(frozen=True)
class Offered:
    """One tool; ``title`` and ``description`` are fit to be shown, ``definition`` is as the server gave it."""

    name: str
    title: str
    description: str
    definition: dict[str, Any]
    pin: str
    hinted_reading: bool
    """The server says that it only reads: shown, not believed."""


@dataclass(frozen=True)
class Offer:
    tools: tuple[Offered, ...]
    server: str = ""
    """What the server calls itself."""
    instructions: str = ""


def definition_of(tool: types.Tool) -> dict[str, Any]:
    whole = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {name: value for name, value in whole.items() if name not in UNPINNED}


def offered(definition: dict[str, Any]) -> Offered:
    """A stored or just heard definition, made fit to be shown."""
    hints = definition.get("annotations") or {}
    title = definition.get("title") or hints.get("title") or spoken(definition["name"])
    return Offered(
        name=definition["name"],
        title=one_line(title) or spoken(definition["name"]),
        description=clipped(visible(definition.get("description") or ""), MAX_DESCRIPTION),
        definition=definition,
        pin=pin_of(definition),
        hinted_reading=hints.get("readOnlyHint") is True,
    )


def offers_of(tools: list[types.Tool]) -> tuple[Offered, ...]:
    """All but those too large to be offered to a model, or whose name no row can hold."""
    definitions = (definition_of(tool) for tool in tools)
    return tuple(
        offered(each) for each in definitions if len(each["name"]) <= MAX_NAME and len(json.dumps(each)) <= MAX_SCHEMA
    )


def spoken(name: str) -> str:
    """«add_note» as people would write it: «Add note»."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    return one_line(words[:1].upper() + words[1:]) or name
