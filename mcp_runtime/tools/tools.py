"""Tools, as the agent sees them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from storage.engines.plain_text import as_json as as_json


@dataclass(frozen=True)
class Phrase:
    """What a call does, in our words: «close issue{s} #{issue_number} in {owner}/{repo}».

    A name in braces is an argument; ``{s}`` is an s where several calls are told as one.
    """

    text: str
    where: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that have to be as they are here for these words to be true: they account for them too."""


@dataclass(frozen=True)
class DryRun:
    """How a service is asked beforehand how much a call would take: by another call, which only reads and is free."""

    tool: str
    """Its own name, at the same connection."""
    answer: str
    """Where in what it says the number stands, «statistics.totalBytesProcessed»."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Beside those of the call itself."""


@dataclass(frozen=True)
class Cost:
    """What a call costs, by our own list. Without a price it is not known, and so each call asks.

    Money is in millionths of a US dollar: ``per_call``, and ``each`` for every ``of`` units that are counted.
    """

    per_call: int | None = None
    each: int = 0
    of: int = 1
    unit: str = ""
    """What is counted: bytes, rows, credits."""
    argument: str = ""
    """That says how many at most."""
    dry_run: DryRun | None = None
    """That says it instead."""

    def money(self, units: int | None) -> int | None:
        """None where it is not known, which is never told as nothing."""
        if self.unit:
            return None if units is None else (self.per_call or 0) - (-units * self.each // self.of)
        return self.per_call


@dataclass(frozen=True)
class Tool:
    """``name`` is unique among all that are offered: ``slug__tool``, at most 64 of ``[A-Za-z0-9_-]``."""

    name: str
    title: str
    """For people: «Notes: Add note»."""
    description: str
    schema: dict[str, Any]
    """JSON Schema of its arguments, as the server gave it."""
    guarded: bool = True
    """A person is asked before each call."""
    connection_id: str | None = None
    server: str = ""
    """Title of its connection."""
    own_name: str = ""
    """What the server calls it."""
    reads: bool = False
    """It only reads, by our own list: a call that was cut off may be made again."""
    rated_reading: bool = False
    """By our own list it only reads, whatever its member has chosen for it: an agent that may only read may call it."""
    costs: Cost | None = None
    """A call of it costs money or quota, by our own list."""
    pin: str = ""
    """Of the definition that it is made of, where it has one."""
    phrases: tuple[Phrase, ...] = ()
    """By our own list; the first that is true of a call says it."""

    @cached_property
    def schema_json(self) -> str:
        """By which a tool without a pin is known again: Usher's own are the same ones in each turn."""
        return json.dumps(self.schema)


@dataclass(frozen=True)
class ToolCall:
    """``id`` is the model's own, and may be empty."""

    id: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    money: int | None = field(default=None, compare=False)
    """What it is going to cost, as estimated beforehand; millionths of a US dollar."""


@dataclass(frozen=True)
class File:
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class ToolResult:
    """What the model is given. ``output`` is any JSON; a failure has ``error``, in words, instead."""

    output: Any = None
    error: str = ""
    files: tuple[File, ...] = ()
    timed_out: bool = False
    refused: str = ""
    """Which policy of ours did not let the call through; the server has heard nothing of it."""
    left_out: int = 0
    """Characters of what the server answered that are not in it, since it was too long."""

    @property
    def failed(self) -> bool:
        return bool(self.error)

    def noted(self, note: str) -> "ToolResult":
        """With something for the model that is not the server's."""
        if self.error:
            return replace(self, error=f"{note} {self.error}")
        told = self.output if isinstance(self.output, dict) else {"result": self.output}
        return replace(self, output={**told, "notes": [note, *told.get("notes", [])]})


class Toolset(Protocol):
    """Tools that can be listed and called. Every policy is a wrapper round another of these."""

    @property
    def tools(self) -> Sequence[Tool]: ...

    async def call(self, call: ToolCall) -> ToolResult:
        """The tool's answer; whatever goes wrong is a result with ``error``, never an exception."""


def named(toolset: Toolset, name: str) -> Tool | None:
    return next((tool for tool in toolset.tools if tool.name == name), None)
