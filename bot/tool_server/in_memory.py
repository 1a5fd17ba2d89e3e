"""The server of Usher's own tools, called in memory."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer

from bot.services.approvals.questions import Question
from bot.services.chats.tools import OwnToolset
from bot.services.chats.values import Place
from bot.tool_server import connection_tools, link_tools, memory_tools, reminder_tools
from bot.tool_server.asking import Asker, asker
from bot.tool_server.known import Known
from bot.tool_server.own_tools import About
from bot.tool_server.questions import question
from bot.tool_server.server import make_server
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


class InMemory:
    def __init__(self, about: About) -> None:
        self._links = about.links
        self._connections = about.connections.connections if about.connections else None
        self._server = make_server(about.links, about.hand_over)
        if its := about.connections:
            connection_tools.add_connection_tools(self._server, its.connections, its.cards, its.face)
        if memory := about.remembered:
            memory_tools.add_memory_tools(self._server, memory.memory, memory.face)
        if reminding := about.reminding:
            reminder_tools.add_reminder_tools(self._server, reminding.reminders, reminding.people)
        self._tools: list[Tool] = []

    async def listed(self) -> Sequence[Tool]:
        if not self._tools:
            async with Client(self._server) as client:
                self._tools = [_tool(definition_of(each)) for each in (await client.list_tools()).tools]
        return self._tools

    async def toolset(self, member: Member, place: Place, agent: str) -> OwnToolset:
        known = Known(self._links, self._connections, place)
        return _Bound(self._server, known, await self.listed(), Asker(member, place, agent))


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
