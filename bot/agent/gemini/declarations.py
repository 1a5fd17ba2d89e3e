"""Tools as Gemini sees them: schemas that pass, a stable order, and whom a 400 points at."""

import json
import re
from collections.abc import Sequence
from typing import Any

from bot.agent.gemini.schemas import Unfit, fitted
from mcp_runtime.tools.tools import Tool

MOST = 512  # declared in one request; the API refuses more
FIT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
BLAMED_BY_PLACE = re.compile(r"function_declarations\[(\d+)\]")
BLAMED_BY_NAME = re.compile(r"FunctionDeclaration '([^']+)'")


class Declared:
    """What one answer's request declares. Sorted by name, so that equal tools make equal prompts, which cache."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.aside: list[str] = []
        self._schemas: dict[str, dict[str, Any]] = {}
        for tool in sorted(tools, key=lambda tool: tool.name):
            self._declare(tool)

    def _declare(self, tool: Tool) -> None:
        if not FIT_NAME.fullmatch(tool.name) or tool.name in self._schemas or len(self._schemas) == MOST:
            self.aside.append(tool.name)
            return
        try:
            schema = fitted(tool.schema)
        except Unfit:
            self.aside.append(tool.name)
            return
        described = {"name": tool.name, "description": tool.description or tool.title or tool.name}
        self._schemas[tool.name] = {**described, "parameters_json_schema": schema}

    def declarations(self) -> list[dict[str, Any]]:
        return list(self._schemas.values())

    def withdraw(self, message: str) -> tuple[str, ...]:
        """Take out what a 400's message blames, so that one bad tool does not silence the rest."""
        order = list(self._schemas)
        places = [int(place) for place in BLAMED_BY_PLACE.findall(message)]
        blamed = {order[place] for place in places if place < len(order)}
        blamed |= {name for name in BLAMED_BY_NAME.findall(message) if name in self._schemas}
        if not blamed and "too many states" in message:
            blamed = set(self._largest_half())
        for name in blamed:
            del self._schemas[name]
        return tuple(sorted(blamed))

    def _largest_half(self) -> list[str]:
        """Of an unnamed excess only fewer tools can be the cure."""
        by_size = sorted(self._schemas, key=lambda name: len(json.dumps(self._schemas[name])))
        return by_size[len(by_size) // 2 :] if len(by_size) > 1 else []
