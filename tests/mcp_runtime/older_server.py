"""A server of before 2025-03-26 written by hand: one stream, and a second address for messages."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.mcp_runtime.odd_server import TOOL
from tests.mcp_runtime.servers import host

HELLO = {"protocolVersion": "2024-11-05", "capabilities": {"tools": {}}, "serverInfo": {"name": "old", "version": "1"}}


@dataclass
class OlderServer:
    """``post`` is the status of a POST to the stream's address; 0: it answers that with a stream of its own."""

    post: int = 405
    endpoint: str = "/messages?sessionId=1"
    messages: int = 202
    """The status with which it takes messages, once ``refuses`` is set."""
    refuses: bool = False
    streamable: bool = False
    """It has been brought up to date: both kinds at one address, and the older one is gone."""
    port: int = 0
    asked: list[str] = field(default_factory=list)
    sent_to: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    streams: int = 0
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    _out: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sse"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.Response(status=405) if self.streamable else await self._stream(request)
        message = await request.json()
        if request.path == "/sse" and not self.streamable:
            return web.Response(status=self.post, text="no") if self.post else await self._stream(request)
        self.sent_to.append(str(request.rel_url))
        self.asked.append(message.get("method", ""))
        if self.refuses and message["method"] == "tools/call":
            return web.Response(status=self.messages, text="unknown session")
        if "id" not in message:
            return web.Response(status=202)
        told = {"jsonrpc": "2.0", "id": message["id"], **self._told(message["method"])}
        if self.streamable:
            return web.json_response(told)
        if message["method"] == "tools/call":
            asyncio.get_running_loop().call_soon(lambda: self._out.put_nowait(told))
        else:
            self._out.put_nowait(told)
        return web.Response(status=202, text="Accepted")

    def _told(self, method: str) -> dict[str, Any]:
        results = {
            "initialize": HELLO,
            "tools/list": {"tools": [TOOL]},
            "tools/call": {"content": [{"type": "text", "text": "seen " + "x" * 2_000_000}]},
        }
        if method in results:
            return {"result": results[method]}
        return {"error": {"code": -32601, "message": "Method not found"}}

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.streams += 1
        self._out = asyncio.Queue()
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(f": welcome\n\nevent: endpoint\r\ndata: {self.endpoint}\r\n\r\n".encode())
        cut = asyncio.create_task(self.cut.wait())
        try:
            while not cut.done():
                getting = asyncio.create_task(self._out.get())
                await asyncio.wait({cut, getting}, return_when=asyncio.FIRST_COMPLETED)
                if getting.done():
                    await response.write(f"event: message\ndata: {json.dumps(getting.result())}\n\n".encode())
                getting.cancel()
        finally:
            cut.cancel()
        self.cut.clear()
        return response


@asynccontextmanager
async def older(server: OlderServer) -> AsyncIterator[OlderServer]:
    async with host(server.answer) as server.port:
        yield server
