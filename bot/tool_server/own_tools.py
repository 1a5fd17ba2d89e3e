"""Usher's own tools for its agent: the same MCP server, called in memory."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer

from bot.services.approvals.questions import Question
from bot.services.cards import Shelf
from bot.services.chats.members.turns import People
from bot.services.chats.tools import OwnToolset
from bot.services.chats.values import Place
from bot.services.connections import Connections
from bot.services.links import Links
from bot.services.memory import Memory
from bot.services.reminders import Reminders
from bot.tool_server import connection_tools, link_tools, memory_tools, reminder_tools
from bot.tool_server.asking import Asker, asker
from bot.tool_server.known import Known
from bot.tool_server.questions import question
from bot.tool_server.server import HandOver, make_server
from mcp_runtime.tools.pins import definition_of, offered
from mcp_runtime.tools.results import told_to_model
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult
from storage.members import Member

log = logging.getLogger(__name__)

NAME = "Usher"
READS = link_tools.READS | connection_tools.READS | reminder_tools.READS | memory_tools.READS
ASKS_NOBODY = READS | reminder_tools.ASKS_NOBODY | memory_tools.ASKS_NOBODY
_AROUND_ERRORS = re.compile(r"^The tool of Usher failed, and says: (?:Error executing tool \w+: )?")
FAILED = "Usher's own tool could not be used. It may have happened: look before you try again."


@dataclass(frozen=True)
class AboutConnections:
    """What the tools for connections work with."""

    connections: Connections
    cards: Shelf
    face: connection_tools.ConnectionFace


@dataclass(frozen=True)
class AboutReminders:
    """What the tools for reminders work with; ``people`` tells whose clock is meant."""

    reminders: Reminders
    people: People


@dataclass(frozen=True)
class AboutMemory:
    """What the tools for memory work with."""

    memory: Memory
    face: memory_tools.MemoryFace


class OwnTools:
    """``hand_over`` shows a new link's URL to its creator; the model never sees it."""

    def __init__(
        self,
        links: Links,
        hand_over: HandOver,
        about: AboutConnections | None = None,
        reminding: AboutReminders | None = None,
        remembered: AboutMemory | None = None,
    ) -> None:
        self._links = links
        self._connections = about.connections if about else None
        self._server = make_server(links, hand_over)
        if about:
            connection_tools.add_connection_tools(self._server, about.connections, about.cards, about.face)
        if remembered:
            memory_tools.add_memory_tools(self._server, remembered.memory, remembered.face)
        if reminding:
            reminder_tools.add_reminder_tools(self._server, reminding.reminders, reminding.people)
        self._tools: list[Tool] = []

    async def toolset(self, member: Member, place: Place, agent: str = "") -> OwnToolset:
        """For one turn: whoever asks is bound to it, and no argument can say otherwise."""
        if not self._tools:
            async with Client(self._server) as client:
                self._tools = [_tool(definition_of(each)) for each in (await client.list_tools()).tools]
        known = Known(self._links, self._connections, place)
        return _Bound(self._server, known, self._tools, Asker(member, place, agent))


@dataclass(frozen=True)
class _Bound:
    server: MCPServer[Any]
    known: Known
    tools: Sequence[Tool]
    who: Asker

    async def call(self, call: ToolCall) -> ToolResult:
        name = self._own_name(call)
        if name is None:
            return ToolResult(error=f"There is no tool named {call.name}.")
        # Set before the client opens: the server's tasks begin with a copy of this context.
        known = asker.set(self.who)
        try:
            async with Client(self.server) as client:
                return _plainly(await told_to_model(NAME, await client.call_tool(name, call.arguments)))
        except MCPError:
            log.exception("%s could not be called", call.name)
            return ToolResult(error=FAILED)
        finally:
            asker.reset(known)

    async def question(self, call: ToolCall) -> Question | None:
        name = self._own_name(call)
        return await question(self.known, self.who.member, name, call.arguments) if name else None

    def _own_name(self, call: ToolCall) -> str | None:
        return next((tool.own_name for tool in self.tools if tool.name == call.name), None)


def _plainly(result: ToolResult) -> ToolResult:
    """Our own words need no warning, and no tool's name among them."""
    if result.error:
        return replace(result, error=_AROUND_ERRORS.sub("", result.error))
    return replace(result, output={"result": result.output["result"]})


def _tool(definition: dict[str, Any]) -> Tool:
    shown = offered(definition)
    return Tool(
        name=f"usher__{shown.name}",
        title=f"{NAME}: {shown.title}",
        description=shown.description,
        schema=definition["inputSchema"],
        guarded=shown.name not in ASKS_NOBODY,
        server=NAME,
        own_name=shown.name,
        reads=shown.name in READS,
    )
