"""What a call of a tool is going to cost is estimated before it is made, and dear ones ask, whatever else holds."""

import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from mcp_runtime.tools.clocks import time_limit
from mcp_runtime.tools.tools import Cost, Tool, ToolCall, ToolResult, Toolset, as_json, named

DRY_RUN_SECONDS = 20.0
MOST_UNITS = 10**18
"""A server's number is a stranger's: beyond this it is none."""
CARD, ARGUMENT, DRY_RUN = "card", "argument", "dry_run"
"""Where an estimate comes from."""


@dataclass(frozen=True)
class Estimate:
    """Money in millionths of a US dollar; None: nobody knows, which is never told as nothing."""

    money: int | None = None
    units: int | None = None
    unit: str = ""
    source: str = ""
    asks_from: int = 0
    """The cost from which on a call asks here."""
    today: int = 0
    """What calls have cost the member today, by UTC, as far as it is known."""

    @property
    def asks(self) -> bool:
        return self.money is None or self.money >= self.asks_from


class Threshold(NamedTuple):
    """From which cost on a call asks, and what calls have cost today."""

    asks_from: int = 0
    today: int = 0


async def always() -> Threshold:
    return Threshold()


class Priced:
    """``inner`` with estimates. `look` comes before each step; what is dear in it is guarded until the next."""

    def __init__(self, inner: Toolset, threshold: Callable[[], Awaitable[Threshold]] = always) -> None:
        self._inner = inner
        self._threshold = threshold
        self._known: dict[str, Estimate] = {}
        self._found: dict[int, Estimate] = {}
        self._dear: set[str] = set()

    @property
    def tools(self) -> Sequence[Tool]:
        there = self._inner.tools
        if not self._dear:
            return there
        return [replace(each, guarded=True) if each.name in self._dear else each for each in there]

    async def look(self, calls: Sequence[ToolCall]) -> set[int]:
        """The positions of those that ask for what they cost, whatever else holds for them."""
        tools = {tool.name: tool for tool in self._inner.tools if tool.costs}
        asked = {at: tool for at, call in enumerate(calls) if (tool := tools.get(call.name))}
        self._dear, self._found = set(), {}
        if not asked:
            return set()
        held = (await self._threshold())._asdict()
        self._found = {at: replace(await self._of(tool, calls[at]), **held) for at, tool in asked.items()}
        dear = {at for at, each in self._found.items() if each.asks}
        self._dear = {asked[at].name for at in dear}
        return dear

    def note(self, shown: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
        """The price beside each call in a question. What asks for that alone is not what an «always» is for."""
        for call, name in zip(shown, names, strict=True):
            if estimate := self._found.get(call["position"]):
                tool = named(self._inner, name)
                call["price"] = asdict(estimate)
                call["guarded"] = bool(call["guarded"] and (tool is None or tool.guarded))

    async def call(self, call: ToolCall) -> ToolResult:
        tool = named(self._inner, call.name)
        if tool is None or tool.costs is None:
            return await self._inner.call(call)
        estimate = await self._of(tool, call)
        return await self._inner.call(replace(call, money=estimate.money))

    async def _of(self, tool: Tool, call: ToolCall) -> Estimate:
        key = as_json([tool.name, call.arguments])
        if key not in self._known:
            self._known[key] = await self._estimated(tool, tool.costs or Cost(), call.arguments)
        return self._known[key]

    async def _estimated(self, tool: Tool, cost: Cost, arguments: Mapping[str, Any]) -> Estimate:
        if cost.dry_run:
            units, source = await self._tried(tool, cost, arguments), DRY_RUN
        elif cost.argument:
            units, source = _number(arguments.get(cost.argument)), ARGUMENT
        else:
            units, source = None, CARD
        money = cost.money(units)
        return Estimate(money, units, cost.unit, source if money is not None else "")

    async def _tried(self, tool: Tool, cost: Cost, arguments: Mapping[str, Any]) -> int | None:
        """Only a tool that runs without asking anybody is asked; whatever goes wrong is «not known»."""
        run = cost.dry_run
        beside = (each for each in self._inner.tools if each.connection_id == tool.connection_id)
        asked = next((each for each in beside if run and each.own_name == run.tool), None)
        if run is None or asked is None or asked.guarded or not asked.reads:
            return None
        try:
            async with time_limit(DRY_RUN_SECONDS):
                result = await self._inner.call(ToolCall("", asked.name, {**arguments, **run.arguments}))
        except TimeoutError:
            return None
        return None if result.failed else _number(_at(run.answer, result.output))


def _at(path: str, output: Any) -> Any:
    """What stands there in a result, which may be JSON written as text."""
    found = output.get("result", output) if isinstance(output, Mapping) and path not in output else output
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def _number(value: Any) -> int | None:
    """A whole one that can be; Google tells bytes as text."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return math.ceil(value) if 0 <= value <= MOST_UNITS else None
