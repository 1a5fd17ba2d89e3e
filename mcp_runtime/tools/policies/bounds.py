"""No call is larger, or takes longer, than is good."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mcp_runtime.tools.clocks import time_limit
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset

MAX_ARGUMENTS = 256_000
"""Characters of one call's arguments, as JSON."""

TOO_MUCH = "The arguments are too long: {} characters, and {} are allowed."
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
        size = len(json.dumps(call.arguments))
        if size > MAX_ARGUMENTS:
            return ToolResult(error=TOO_MUCH.format(size, MAX_ARGUMENTS), refused="size")
        seconds = self.longer.get(call.name, self.seconds)
        try:
            async with time_limit(seconds):
                return await self.inner.call(call)
        except TimeoutError:
            return ToolResult(error=NO_ANSWER.format(call.name, seconds), timed_out=True)
