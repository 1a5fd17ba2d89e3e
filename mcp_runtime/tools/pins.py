"""What a server offers, and the pin of each tool: the hash of the definition that a member accepts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mcp_runtime.left_out import (
    ALL_TOO_LARGE,
    AS_A_TASK,
    MAX_SCHEMA,
    MAX_SCHEMAS,
    NAME_TOO_LONG,
    TOO_LARGE,
    LeftOut,
)
from mcp_runtime.left_out import (
    UNPINNED as UNPINNED,
)
from mcp_runtime.tools.untrusted_text import MAX_DESCRIPTION, clipped, one_line, visible
from storage.engines.plain_text import as_json
from storage.repositories.mcp.tools import pin_of as pin_of

if TYPE_CHECKING:
    from mcp import types

MAX_LOOKED_AT = 2 * MAX_SCHEMAS
"""Bytes of all of one server's, what is left out with them: a list may have fifty times as many."""
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Offered:
    """One tool; ``title`` and ``description`` are fit to be shown, ``definition`` is as the server gave it.

    It is held as text: a thousand of them as objects would be searched for garbage again and again, while all wait.
    """

    name: str
    title: str
    description: str
    definition_json: str
    pin: str
    hinted_reading: bool
    """The server says that it only reads: shown, not believed."""

    @property
    def definition(self) -> dict[str, Any]:
        """Read anew each time."""
        read: dict[str, Any] = json.loads(self.definition_json)
        return read


@dataclass(frozen=True)
class Offer:
    tools: tuple[Offered, ...]
    server: str = ""
    """What the server calls itself."""
    instructions: str = ""
    """What it says about its tools, fit to be shown."""
    left_out: tuple[LeftOut, ...] = ()
    """What it lists and cannot be offered, with the reason."""
    speaks: Mapping[str, Any] = field(default_factory=dict)
    """How it was reached, as a connection's row keeps it."""


def definition_of(tool: "types.Tool") -> dict[str, Any]:
    whole = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {name: value for name, value in whole.items() if name not in UNPINNED}


def offered(definition: dict[str, Any]) -> Offered:
    """A stored or just heard definition, made fit to be shown."""
    title, description = named(definition)
    return Offered(
        name=definition["name"],
        title=title,
        description=description,
        definition_json=as_json(definition),
        pin=pin_of(definition),
        hinted_reading=(definition.get("annotations") or {}).get("readOnlyHint") is True,
    )


def named(definition: dict[str, Any]) -> tuple[str, str]:
    """Its title and its description, fit to be shown."""
    hints = definition.get("annotations") or {}
    title = definition.get("title") or hints.get("title") or spoken(definition["name"])
    description = clipped(visible(definition.get("description") or ""), MAX_DESCRIPTION)
    return one_line(title) or spoken(definition["name"]), description


class Choice:
    """All but those ``of_no_use``, too large to be offered to a model, or whose name no row can hold."""

    def __init__(self, of_no_use: Mapping[str, str] = MappingProxyType({})) -> None:
        self.fit: list[Offered] = []
        self.left_out: list[LeftOut] = []
        self._of_no_use = of_no_use
        self._room, self._looked_at = MAX_SCHEMAS, 0

    def take(self, tool: "types.Tool") -> None:
        if self._looked_at > MAX_LOOKED_AT:
            self.left_out.append(LeftOut(tool.name, ALL_TOO_LARGE.format(MAX_SCHEMAS // 1_000_000)))
            return
        definition = definition_of(tool)
        size = len(json.dumps(definition))
        self._looked_at += size
        if reason := self._of_no_use.get(definition["name"]) or _unfit(definition, size, self._room):
            self.left_out.append(LeftOut(definition["name"], reason))
        else:
            self.fit.append(offered(definition))
            self._room -= size


def _unfit(definition: dict[str, Any], size: int, room: int) -> str:
    if len(definition["name"]) > MAX_NAME:
        return NAME_TOO_LONG.format(MAX_NAME)
    if (definition.get("execution") or {}).get("taskSupport") == "required":
        return AS_A_TASK
    if size > MAX_SCHEMA:
        return TOO_LARGE.format(MAX_SCHEMA // 1000)
    return ALL_TOO_LARGE.format(MAX_SCHEMAS // 1_000_000) if size > room else ""


def spoken(name: str) -> str:
    """«add_note» as people would write it: «Add note»."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    return one_line(words[:1].upper() + words[1:]) or name
