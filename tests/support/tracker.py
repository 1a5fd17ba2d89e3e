"""A real MCP server on loopback that closes issues in repositories, and lists and reads them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

from tests.support.served import asgi, free_socket, port_of

WEB, DOCS = {"owner": "acme", "repo": "web"}, {"owner": "acme", "repo": "docs"}


class Tracker:
    """Closes issues, and remembers which; ``held`` holds a call up until `free` is set. ``says`` is what it reads."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.url = ""
        self.held = False
        self.says = "nothing"
        self.closing, self.free = asyncio.Event(), asyncio.Event()

    def server(self) -> MCPServer:
        server = MCPServer("Tracker", log_level="ERROR")

        @server.tool(title="Close an issue")
        async def close_issue(owner: str, repo: str, number: int) -> str:
            """Close it."""
            self.closing.set()
            if self.held:
                await self.free.wait()
            self.closed.append(f"{owner}/{repo}#{number}")
            return "closed"

        for name in ("list_issues", "read_issue"):
            server.add_tool(self._reader, name=name, annotations=ToolAnnotations(read_only_hint=True))
        return server

    async def _reader(self) -> str:
        """Only looks."""
        return self.says


@pytest.fixture
async def tracker() -> AsyncIterator[Tracker]:
    made, listening = Tracker(), free_socket()
    made.url = f"http://127.0.0.1:{port_of(listening)}/mcp"
    async with asgi(made.server().streamable_http_app(), listening):
        yield made
        made.free.set()
