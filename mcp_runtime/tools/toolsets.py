"""A member's tools as the agent sees them, made from the pinned rows: no server is asked for it."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mcp_runtime.tools.kept import Kept
from mcp_runtime.tools.names import exposed
from mcp_runtime.tools.pins import offered
from mcp_runtime.tools.policies import NO_SUCH_TOOL, runs_free
from mcp_runtime.tools.policies.terms import TermsOf, usual
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset
from mcp_runtime.tools.untrusted_text import described
from storage.tables import Connection, PinnedTool

Make = Callable[[Connection, PinnedTool, dict[str, Any]], Awaitable[ToolResult]]
"""Makes one call of a pinned tool."""
MAX_SHOWN = 16_000_000
"""Characters of the definitions that are kept as they are shown."""
Frozen = Mapping[str, Any]
"""A tool as a link froze it: connection_id, name, pin, free."""


@dataclass(frozen=True)
class Shown:
    """Of a definition what a model and people are shown."""

    title: str
    description: str
    schema: dict[str, Any]


SHOWN: Kept[Shown] = Kept(MAX_SHOWN)


@dataclass(frozen=True)
class Route:
    connection: Connection
    row: PinnedTool
    tool: Tool


class ConnectedTools:
    """The innermost toolset: each call goes to the server that its tool is from."""

    def __init__(self, routes: Iterable[Route], make: Make) -> None:
        self._routes = {route.tool.name: route for route in routes}
        self._make = make

    @property
    def tools(self) -> Sequence[Tool]:
        return [route.tool for route in self._routes.values()]

    async def call(self, call: ToolCall) -> ToolResult:
        route = self._routes.get(call.name)
        if route is None:
            return ToolResult(error=NO_SUCH_TOOL.format(call.name))
        return await self._make(route.connection, route.row, call.arguments)


class MemberTools:
    """``inner`` with all its policies; ``states`` has a line about each connection.

    ``said`` are title and words of those whose server says how to use its tools: a stranger's text.
    """

    def __init__(self, inner: Toolset, states: Sequence[str] = (), said: Sequence[tuple[str, str]] = ()) -> None:
        self._inner = inner
        self.states = states
        self.said = said

    @property
    def tools(self) -> Sequence[Tool]:
        return self._inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        return await self._inner.call(call)


def routes(connections: Sequence[Connection], rows: Iterable[PinnedTool], terms: TermsOf = usual) -> list[Route]:
    """All accepted tools that are not switched off, under names of their own."""
    by_id = {connection.id: connection for connection in connections}
    taken: dict[str, Route] = {}
    for row in rows:
        connection = by_id.get(row.connection_id)
        if connection is not None and row.state == "accepted" and row.policy != "off":
            name = exposed(connection.slug, row.name, taken)
            its = terms(connection)
            costs, phrases = its.costs.get(row.name), its.phrases.get(row.name, ())
            taken[name] = Route(connection, row, replace(tool(connection, row, name), costs=costs, phrases=phrases))
    return list(taken.values())


def frozen_routes(found: Iterable[Route], frozen: Iterable[Frozen]) -> list[Route]:
    """Those that a link froze, as they were then: a changed tool is left out.

    One runs free when the link says so and its member has not begun to ask since.
    """
    free = {(each["connection_id"], each["name"], each["pin"]): bool(each["free"]) for each in frozen}
    return [
        Route(route.connection, route.row, replace(route.tool, guarded=route.tool.guarded or not free[key]))
        for route in found
        if (key := (route.connection.id, route.row.name, route.row.pin)) in free
    ]


def tool(connection: Connection, row: PinnedTool, name: str) -> Tool:
    shown = shown_of(row)
    return Tool(
        name=name,
        title=f"{connection.title}: {shown.title}",
        description=shown.description,
        schema=shown.schema,
        guarded=not runs_free(row),
        connection_id=connection.id,
        server=connection.title,
        own_name=row.name,
        reads=row.policy == "free",
        pin=row.pin,
    )


def shown_of(row: PinnedTool) -> Shown:
    """Worked out once for each pin."""

    def look() -> tuple[Shown, int]:
        told = offered(row.definition)
        schema = described(row.definition.get("inputSchema") or {"type": "object"})
        return Shown(told.title, told.description, schema), len(json.dumps(row.definition))

    return SHOWN.of(row.pin, look)
