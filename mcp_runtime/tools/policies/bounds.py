"""No call is larger, or takes longer, than is good."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcp_runtime.tools.clocks import time_limit
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset

MAX_ARGUMENTS = 256_000
"""Characters of one call's arguments, as JSON."""

TOO_MUCH = "The arguments are too long: {} characters, and {} are allowed."
NO_NUMBER = "The call was not made: {} is no number that JSON has. Give a number, or leave it out."
NO_ANSWER = "{} did not answer within {:.0f} s. What was asked may still have happened: look before you try again."


@dataclass(frozen=True)
class Bounded:
    """``longer`` has the seconds of tools whose card gives them a time of their own."""

    inner: Toolset
    seconds: float
    longer: Mapping[str, float] = field(default_factory=dict)

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        if complaint := unsayable(call.arguments):
            return ToolResult(error=complaint, refused="arguments")
        size = len(json.dumps(call.arguments))
        if size > MAX_ARGUMENTS:
            return ToolResult(error=TOO_MUCH.format(size, MAX_ARGUMENTS), refused="size")
        seconds = self.longer.get(call.name, self.seconds)
        try:
            async with time_limit(seconds):
                return await self.inner.call(call)
        except TimeoutError:
            return ToolResult(error=NO_ANSWER.format(call.name, seconds), timed_out=True)


def unsayable(arguments: Mapping[str, Any]) -> str:
    """The complaint about a NaN or an infinity in them; empty without one.

    JSON has neither: a person would be shown «Infinity» and say yes to it, and the server be sent null.
    """
    level: list[Any] = [arguments]
    while level:
        each = level.pop()
        if isinstance(each, float) and not math.isfinite(each):
            return NO_NUMBER.format(each)
        level += each.values() if isinstance(each, Mapping) else each if isinstance(each, list | tuple) else ()
    return ""
