"""What is true of every call of a member's tools: each policy a wrapper round one toolset."""

import json
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from mcp_runtime.tools.clocks import time_limit
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset
from storage.database import Database
from storage.members import Member
from storage.tables import PinnedTool

log = logging.getLogger(__name__)

Later = Callable[[Coroutine[Any, Any, None]], None]
"""Does something beside what goes on."""

MAX_ARGUMENTS = 256_000
"""Characters of one call's arguments, as JSON."""

NO_SUCH_TOOL = "There is no tool {} any more. Do not call it again."
PAUSED = "The connection of {} has been paused by its owner. Do without it, and say so."
SWITCHED_OFF = "The tool {} has been switched off or set aside by its owner. Do without it, and say so."
TOO_MUCH = "The arguments are too long: {} characters, and {} are allowed."
NO_ANSWER = "{} did not answer within {:.0f} s. What was asked may still have happened: look before you try again."


def runs_free(row: PinnedTool) -> bool:
    """By the card's own list, or because its member said so; anything else asks."""
    return row.policy in ("free", "always")


@dataclass(frozen=True)
class Permitted:
    """Only what its member still allows: looked up anew before each call, for a turn may be long."""

    inner: Toolset
    db: Database
    member: Member

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        tool = named(self.inner, call.name)
        if tool is None or tool.connection_id is None:
            return ToolResult(error=NO_SUCH_TOOL.format(call.name))
        async with self.db.read() as tables:
            standing = await tables.tools.standing(
                self.member.workspace, self.member.id, tool.connection_id, tool.own_name
            )
        if standing is None:
            return ToolResult(error=NO_SUCH_TOOL.format(call.name))
        state, policy = standing
        if state == "paused":
            return ToolResult(error=PAUSED.format(call.name))
        if state != "accepted" or policy == "off":
            return ToolResult(error=SWITCHED_OFF.format(call.name))
        return await self.inner.call(call)


@dataclass(frozen=True)
class Bounded:
    """No call is larger, or takes longer, than this."""

    inner: Toolset
    seconds: float

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        size = len(json.dumps(call.arguments))
        if size > MAX_ARGUMENTS:
            return ToolResult(error=TOO_MUCH.format(size, MAX_ARGUMENTS))
        try:
            async with time_limit(self.seconds):
                return await self.inner.call(call)
        except TimeoutError:
            return ToolResult(error=NO_ANSWER.format(call.name, self.seconds), timed_out=True)


@dataclass(frozen=True)
class Recorded:
    """A usage row for each call: what, by whom, how it went; never its arguments or its result.

    ``later`` sees to it that the row is written: the answer does not wait for it.
    """

    inner: Toolset
    db: Database
    member: Member
    later: Later
    turn_id: str | None = None

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        begun = time.perf_counter()
        result = await self.inner.call(call)
        self.later(self._record(call, result, round((time.perf_counter() - begun) * 1000)))
        return result

    async def _record(self, call: ToolCall, result: ToolResult, milliseconds: int) -> None:
        tool = named(self.inner, call.name)
        outcome = "timed_out" if result.timed_out else "failed" if result.failed else "done"
        try:
            async with self.db.begin() as tables:
                await tables.usage.add(
                    self.member.workspace,
                    self.member.id,
                    tool.own_name if tool else call.name[:200],
                    outcome,
                    milliseconds,
                    connection_id=tool.connection_id if tool else None,
                    turn_id=self.turn_id,
                )
        except Exception:
            # The call has been made, and its answer told.
            log.exception("a call of %s in turn %s could not be recorded", call.name, self.turn_id)


def named(toolset: Toolset, name: str) -> Tool | None:
    return next((tool for tool in toolset.tools if tool.name == name), None)
