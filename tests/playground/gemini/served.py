"""The real Time and Notes servers, reached in memory, as the agent's tools."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp_server_time.server import create_server

from mcp_runtime.tools.pins import definition_of, offered
from mcp_runtime.tools.results import for_model
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult
from playground.notes import Notebook, make_server


class Served:
    """Tools of the Time server run free, those of Notes are guarded."""

    def __init__(self, notebook: Notebook | None = None) -> None:
        self.notebook = notebook
        self.tools: Sequence[Tool] = ()
        self.clients: dict[str, Client] = {}
        self.called: list[tuple[str, dict[str, Any]]] = []

    async def call(self, call: ToolCall) -> ToolResult:
        self.called.append((call.name, call.arguments))
        server, _, name = call.name.partition("__")
        return for_model(server.title(), await self.clients[server].call_tool(name, call.arguments))

    async def connect(self, slug: str, client: Client, *, guarded: bool) -> None:
        self.clients[slug] = client
        found = [offered(definition_of(tool)) for tool in (await client.list_tools()).tools]
        tools = [
            Tool(f"{slug}__{each.name}", each.title, each.description, each.definition["inputSchema"], guarded)
            for each in found
        ]
        self.tools = [*self.tools, *tools]


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    tools = Served(notebook := Notebook(folder / "notes.json"))
    notes = make_server(notebook, "token", "http://127.0.0.1:1/mcp")
    async with AsyncExitStack() as stack:
        await tools.connect("time", await stack.enter_async_context(Client(create_server("UTC"))), guarded=False)
        await tools.connect("notes", await stack.enter_async_context(Client(notes)), guarded=True)
        yield tools
