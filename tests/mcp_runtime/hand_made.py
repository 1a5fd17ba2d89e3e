"""A stateful MCP server over HTTP written by hand, so that each of its answers can be another than it should be."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.servers import host

Body = dict[str, Any]
Reply = Callable[[Body, web.Request], Awaitable[web.StreamResponse]]
LOOK = {"name": "look", "description": "Looks.", "inputSchema": {"type": "object"}}
SESSION = "mcp-session-id"
CALL = ToolCall("", "notes__look")


def result(body: Body, given: Any) -> web.Response:
    return web.json_response({"jsonrpc": "2.0", "id": body["id"], "result": given})


def error(body: Body, status: int, code: int, message: str) -> web.Response:
    told = {"jsonrpc": "2.0", "id": body.get("id"), "error": {"code": code, "message": message}}
    return web.json_response(told, status=status)


def plain(status: int, text: str = "", kind: str = "text/plain", **headers: str) -> web.Response:
    return web.Response(status=status, text=text, content_type=kind, headers=headers)


def reply(answer: web.Response) -> Reply:
    """The same each time; a body can be sent only once."""

    async def again(body: Body, request: web.Request) -> web.StreamResponse:
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    return again


def errs(status: int, code: int, message: str) -> Reply:
    async def refuse(body: Body, request: web.Request) -> web.StreamResponse:
        return error(body, status, code, message)

    return refuse


@dataclass
class HandMade:
    """``on_any``, ``on_call`` and ``on_list`` answer in place of the ordinary answers.

    ``stale`` says that a session is unknown; one that ``clings`` to its sessions never answers the end of one.
    """

    stale: Callable[[Body], web.Response] = lambda body: error(body, 404, -32001, "Session not found")
    on_any: Reply | None = None
    on_call: Reply | None = None
    on_list: Reply | None = None
    keeps_sessions: bool = True
    clings: bool = False
    farewells: int = 0
    port: int = 0
    sessions: set[str] = field(default_factory=set)
    opened: int = 0
    calls: int = 0
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def restart(self) -> None:
        self.sessions.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "DELETE":
            self.farewells += 1
            if self.clings:
                await self.gate.wait()
        if request.method != "POST":
            return web.Response(status=405 if request.method == "GET" else 200)
        body = await request.json()
        self.asked.append(body["method"])
        if self.on_any:
            return await self.on_any(body, request)
        if body["method"] == "initialize":
            return self._open(body)
        if body["method"] == "server/discover":
            return error(body, 400, -32601, "Method not found")
        if self.keeps_sessions and request.headers.get(SESSION) not in self.sessions:
            return self.stale(body)
        if "id" not in body:
            return web.Response(status=202)
        return await (self._list if body["method"] == "tools/list" else self._call)(body, request)

    def _open(self, body: Body) -> web.Response:
        self.opened += 1
        server = {"name": "hand-made", "version": "1"}
        opened = result(body, {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": server})
        if self.keeps_sessions:
            self.sessions.add(f"s{self.opened}")
            opened.headers[SESSION] = f"s{self.opened}"
        return opened

    async def _list(self, body: Body, request: web.Request) -> web.StreamResponse:
        return await self.on_list(body, request) if self.on_list else result(body, {"tools": [LOOK]})

    async def _call(self, body: Body, request: web.Request) -> web.StreamResponse:
        self.calls += 1
        if self.on_call:
            return await self.on_call(body, request)
        return result(body, {"content": [{"type": "text", "text": "seen"}]})


@asynccontextmanager
async def running(server: HandMade, tls: ssl.SSLContext | None = None) -> AsyncIterator[HandMade]:
    async with host(server.answer, tls) as server.port:
        yield server
        server.gate.set()


async def connected(
    make_pool: MakePool, connect: Connect, server: HandMade, **options: float
) -> tuple[Pool, Connection]:
    pool = make_pool("127.0.0.1", **options)
    return pool, await connect(pool, HttpSpec(server.url))


async def called(pool: Pool) -> ToolResult:
    return await (await pool.toolset(MEMBER)).call(CALL)
