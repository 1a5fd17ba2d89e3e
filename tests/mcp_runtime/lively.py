"""A real server that does more than answer: it tells how far it is, asks back, changes, notes what is broken off."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mcp import MCPError, types
from mcp.server import MCPServer
from mcp.server.mcpserver import Context

from tests.mcp_runtime.servers import asgi, free_socket, port_of

ERAS = ("handshake", "modern")
NO_DISCOVERY = {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}}


@dataclass
class Lively:
    server: MCPServer
    port: int
    running: asyncio.Event = field(default_factory=asyncio.Event)
    broken_off: asyncio.Event = field(default_factory=asyncio.Event)
    refusals: list[tuple[int, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def add_tools(self) -> None:
        @self.server.tool()
        async def import_rows(ctx: Context) -> str:
            """Import, and tell how far it is."""
            await ctx.report_progress(43, 120, "reading\n\u202epages")
            return "imported"

        @self.server.tool()
        async def wait() -> str:
            """Wait until it is broken off."""
            self.running.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.broken_off.set()
                raise
            return "never"

        @self.server.tool()
        async def ask_for_more(ctx: Context) -> str:
            """Ask the client for what it does not do."""
            request = types.CreateMessageRequestParams(messages=[], max_tokens=1)
            for act in (ctx.session.list_roots(), ctx.session.create_message(request.messages, max_tokens=1)):
                try:
                    await act
                except MCPError as error:
                    self.refusals.append((error.code, error.message))
            return "asked"

        @self.server.tool()
        async def learn(ctx: Context) -> str:
            """Offer another tool from now on."""
            self.learn("trick")
            await self.tell(ctx)
            return "learnt"

        @self.server.tool()
        async def stock(what: str, ctx: Context) -> str:
            """Offer a prompt, a resource or nothing more from now on."""
            await self.stock(what, ctx)
            return "stocked"

    async def stock(self, what: str, ctx: Context) -> None:
        if what == "prompt":
            self.server.prompt(title="Greet")(greet)
        if what == "resource":
            self.server.resource("book://1", title="Moby")(greet)
        if what == "resource":
            await ctx.notify_resources_changed()
            await ctx.session.send_resource_list_changed()
        else:
            await ctx.notify_prompts_changed()
            await ctx.session.send_prompt_list_changed()

    def learn(self, name: str) -> None:
        @self.server.tool(name=name)
        async def trick() -> str:
            """Do a trick."""
            return "done"

    async def tell(self, ctx: Context) -> None:
        await ctx.notify_tools_changed()
        await ctx.session.send_tool_list_changed()


def greet() -> str:
    return "Say hello."


def of_old(app: Any) -> Any:
    """The app as a server of before `server/discover` existed."""

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return await app(scope, receive, send)
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        message = json.loads(body)
        if message.get("method") == "server/discover":
            raw = json.dumps({**NO_DISCOVERY, "id": message["id"]}).encode()
            head = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 400, "headers": head})
            return await send({"type": "http.response.body", "body": raw})
        given = [{"type": "http.request", "body": body, "more_body": False}]
        return await app(scope, lambda: _next(given, receive), send)

    return answered


async def _next(given: list[Any], receive: Any) -> Any:
    return given.pop() if given else await receive()


@asynccontextmanager
async def lively(era: str) -> AsyncIterator[Lively]:
    listener = free_socket()
    made = Lively(MCPServer("lively", log_level="CRITICAL"), port_of(listener))
    made.add_tools()
    app = made.server.streamable_http_app()
    async with asgi(app if era == "modern" else of_old(app), listener):
        yield made
