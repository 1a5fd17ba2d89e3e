"""A member's tools as the agent sees them, made from the pinned rows: no server is asked for it."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mcp_runtime.tools.kept import Kept
from mcp_runtime.tools.names import exposed
from mcp_runtime.tools.pins import named
from mcp_runtime.tools.policies import NO_SUCH_TOOL, runs_free
from mcp_runtime.tools.policies.terms import TermsOf, usual
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset
from mcp_runtime.tools.untrusted_text import described
from storage.rules.outside import Whence
from storage.tables import Agent, Connection, PinnedTool

Make = Callable[[Connection, PinnedTool, dict[str, Any]], Awaitable[ToolResult]]
"""Makes one call of a pinned tool."""
MAX_SHOWN = 16_000_000
"""Characters of the definitions that are kept as they are shown."""
MAX_HELD = 4_000_000
"""Characters of the definitions of all tools of one turn: as many as a request to the model may declare."""
Key = tuple[str, str, str]
"""Connection, name and pin of a tool."""
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

    ``said`` are title and words of those whose server says how to use its tools: a stranger's text. ``agent`` is who
    calls them; None: the member in person. ``withheld`` are tools that may not be called, by connection and own name:
    `Equipment.withheld`.
    ``whence``: whoever asks is no member, and may go so far.
    """

    def __init__(
        self,
        inner: Toolset,
        states: Sequence[str] = (),
        said: Sequence[tuple[str, str]] = (),
        agent: Agent | None = None,
        withheld: Mapping[tuple[str, str], str] | None = None,
        whence: Whence | None = None,
    ) -> None:
        self._inner = inner
        self.agent = agent
        self.withheld = withheld or {}
        self.whence = whence
        self.states = states
        self.said = said

    @property
    def tools(self) -> Sequence[Tool]:
        return self._inner.tools

    @property
    def answering(self) -> Agent:
        """Raises LookupError where the member calls in person."""
        if self.agent is None:
            raise LookupError("no agent calls these")
        return self.agent

    async def call(self, call: ToolCall) -> ToolResult:
        return await self._inner.call(call)


class Routes:
    """All accepted tools that are not switched off, under names of their own; ``wanted``: these keys of them alone.

    ``more`` are those for which there was no room.
    """

    def __init__(
        self, connections: Sequence[Connection], terms: TermsOf = usual, wanted: Collection[Key] | None = None
    ) -> None:
        self._by_id = {connection.id: connection for connection in connections}
        self._terms = terms
        self._wanted = wanted
        self._taken: dict[str, Route | None] = {}
        self._room = MAX_HELD
        self.more = 0

    def take(self, row: PinnedTool) -> None:
        connection = self._by_id.get(row.connection_id)
        if connection is None or row.state != "accepted" or row.policy == "off":
            return
        name = exposed(connection.slug, row.name, self._taken)
        self._taken[name] = None
        if self._wanted is not None and key_of(row) not in self._wanted:
            return
        if len(row.definition_json) > self._room:
            self.more += 1
            return
        self._room -= len(row.definition_json)
        its = self._terms(connection)
        costs, phrases = its.costs.get(row.name), its.phrases.get(row.name, ())
        made = replace(tool(connection, row, name), costs=costs, phrases=phrases, rated_reading=its.reads(row))
        self._taken[name] = Route(connection, row, made)

    @property
    def all(self) -> list[Route]:
        return [each for each in self._taken.values() if each is not None]


def frozen_routes(found: Iterable[Route], frozen: Sequence[Frozen]) -> list[Route]:
    """Those that a link froze, as they were then: a changed tool is left out.

    One runs free when the link says so and its member has not begun to ask since.
    """
    free = {key: bool(each["free"]) for key, each in zip(keys_of(frozen), frozen, strict=True)}
    return [
        Route(route.connection, route.row, replace(route.tool, guarded=route.tool.guarded or not free[key]))
        for route in found
        if (key := key_of(route.row)) in free
    ]


def keys_of(frozen: Iterable[Frozen]) -> list[Key]:
    return [(each["connection_id"], each["name"], each["pin"]) for each in frozen]


def key_of(row: PinnedTool) -> Key:
    return row.connection_id, row.name, row.pin


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
        definition = row.definition
        schema = described(definition.get("inputSchema") or {"type": "object"})
        return Shown(*named(definition), schema), len(row.definition_json)

    return SHOWN.of(row.pin, look)
