"""Tools in memory that remember what was called."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult

Does = Callable[[dict[str, Any]], Awaitable[ToolResult]]


def tool(name: str, *, guarded: bool = False, **properties: Any) -> Tool:
    """Its arguments are strings unless said otherwise, and all required."""
    types = {key: {"type": "string"} if kind is str else kind for key, kind in properties.items()}
    schema = {"type": "object", "properties": types, "required": list(types)}
    return Tool(name, name.replace("_", " "), f"Does {name}.", schema, guarded, server=name.partition("__")[0])


class Toolbox:
    """Each tool answers with what is in ``does``, or else with «done»."""

    def __init__(self, *tools: Tool, **does: Does) -> None:
        self.tools: Sequence[Tool] = tools
        self.does = does
        self.called: list[ToolCall] = []

    async def call(self, call: ToolCall) -> ToolResult:
        self.called.append(call)
        does = self.does.get(call.name)
        return await does(call.arguments) if does else ToolResult("done")
