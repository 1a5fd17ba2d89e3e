"""A real MCP server on loopback: one tool looks, one builds and can be held up in the middle of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

from tests.support.served import asgi, free_socket, port_of

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
        self.called: Callable[[], None] = lambda: None
        """Told of each call, before it is carried out and after."""

    def release(self) -> None:
        self._free.set()

    def server(self) -> MCPServer:
        server = MCPServer("Workshop", log_level="ERROR")

        @server.tool(title="Look", annotations=ToolAnnotations(read_only_hint=True))
        async def look() -> list[str]:
            """List what was built."""
            self.called()
            self.looks += 1
            return self.built

        @server.tool(title="Build", annotations=ToolAnnotations(read_only_hint=False))
        async def build(thing: str) -> str:
            """Build a thing."""
            self.called()
            self.building.set()
            if self.held:
                await self._free.wait()
            self.built.append(thing)
            self.called()
            return f"built {thing}"

        return server


class _Guarded:
    """Lets in who sends these headers."""

    def __init__(self, app, wanted: Mapping[str, str]) -> None:
        self._app = app
        self._wanted = {name.lower().encode(): value.encode() for name, value in wanted.items()}

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http" and not self._wanted.items() <= dict(scope["headers"]).items():
            body = json.dumps({"error": "unauthorized"}).encode()
            by_bearer = [(b"www-authenticate", b"Bearer")] if b"authorization" in self._wanted else []
            start = [(b"content-type", b"application/json"), *by_bearer]
            await send({"type": "http.response.start", "status": 401, "headers": start})
            await send({"type": "http.response.body", "body": body})
            return
        await self._app(scope, receive, send)


@asynccontextmanager
async def open_workshop(token: str | None = None, **headers: str) -> AsyncIterator[Workshop]:
    """Asks for a bearer token, or for ``headers`` (written with _ for -), where one of them is given."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    wanted |= {"authorization": f"Bearer {token}"} if token else {}
    workshop = Workshop()
    app = workshop.server().streamable_http_app()
    listening = free_socket()
    workshop.url = f"http://127.0.0.1:{port_of(listening)}/mcp"
    async with asgi(_Guarded(app, wanted) if wanted else app, listening):
        yield workshop
        workshop.release()
