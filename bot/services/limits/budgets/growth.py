"""How many tokens results of tools brought into a turn's prompts: by how much these grew, as the model counts."""

import json
from collections.abc import Sequence
from typing import Any

from bot.agent.events import Spent
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult

OF_A_FILE = 10_000
"""What a picture or a paper weighs beside the characters of texts."""
Brought = list[list[Any]]
"""Of each call: connection (empty: Usher's own), the tool's own name, tokens."""


class Growth:
    """From one request of a turn to the next; of the first nothing is known, nor where other tools are declared."""

    def __init__(self) -> None:
        self._before: tuple[int, int] | None = None
        """Tokens of the last request with its answer, and how many tools it declared."""
        self._came: list[tuple[ToolCall, int]] = []

    def results(self, results: Sequence[tuple[ToolCall, ToolResult]]) -> None:
        self._came += [(call, _weight(result)) for call, result in results]

    def asked(self, spent: Spent, tools: Sequence[Tool]) -> Brought | None:
        """With its bill; what the prompt grew by is shared out among the results of the step by their length."""
        before, came = self._before, self._came
        self._before, self._came = (spent.prompt + spent.output, len(tools)), []
        grown = spent.prompt - before[0] if before and before[1] == len(tools) else 0
        whole = sum(weight for _, weight in came)
        if grown <= 0 or not whole:
            return None
        named = {tool.name: tool for tool in tools}
        return [[*_named(named.get(call.name), call), round(grown * weight / whole)] for call, weight in came]


def _named(tool: Tool | None, call: ToolCall) -> tuple[str, str]:
    return (tool.connection_id or "", tool.own_name or tool.name) if tool else ("", call.name)


def _weight(result: ToolResult) -> int:
    told = result.error or json.dumps(result.output, ensure_ascii=False, default=str)
    return len(told) + OF_A_FILE * len(result.files)
