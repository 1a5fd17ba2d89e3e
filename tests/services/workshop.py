"""A real MCP server on loopback: one tool looks, one builds and can be held up in the middle of it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

TOKEN = "workshop-secret-7d1e"


class Workshop:
    """``built`` is what was really built; with ``held`` a build waits until `release`."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.looks = 0
        self.held = False
        self.building = asyncio.Event()
        self._free = asyncio.Event()
        self.url = ""

    def release(self) -> None:
        self._free.set()

    def server(self) -> MCPServer:
        server = MCPServer("Workshop", log_level="ERROR")

        @server.tool(title="Look", annotations=ToolAnnotations(read_only_hint=True))
        async def look() -> list[str]:
            """List what was built."""
            self.looks += 1
            return self.built

        @server.tool(title="Build", annotations=ToolAnnotations(read_only_hint=False))
        async def build(thing: str) -> str:
            """Build a thing."""
            self.building.set()
            if self.held:
                await self._free.wait()
            self.built.append(thing)
            return f"built {thing}"

        return server


class _Bearer:
    """Lets in who has the token."""

    def __init__(self, app, token: str) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope, receive, send) -> None:
        headers = dict(scope.get("headers", []))
        if scope["type"] == "http" and headers.get(b"authorization") != f"Bearer {self._token}".encode():
            body = json.dumps({"error": "unauthorized"}).encode()
            start = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
            await send({"type": "http.response.start", "status": 401, "headers": start})
            await send({"type": "http.response.body", "body": body})
            return
        await self._app(scope, receive, send)


@asynccontextmanager
async def open_workshop(token: str | None = None) -> AsyncIterator[Workshop]:
    workshop = Workshop()
    app = workshop.server().streamable_http_app()
    # With protocol 0 asyncio sets no TCP_NODELAY, and each call would take 45 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        workshop.url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        served = _Bearer(app, token) if token else app
        config = uvicorn.Config(served, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield workshop
        finally:
            workshop.release()
            server.should_exit = True
            await serving
