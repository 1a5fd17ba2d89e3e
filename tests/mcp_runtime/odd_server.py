"""A server as people write them by hand, over real HTTP: each of its answers is what the test says."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.mcp_runtime.servers import host

TOOL = {"name": "look", "description": "Looks.", "inputSchema": {"type": "object"}}
HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "odd", "version": "1"},
}
Message = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """A body as it goes out; %ID% in it is the request's id."""

    text: str | bytes
    kind: str | None = "application/json"
    status: int = 200


@dataclass(frozen=True)
class Refusal:
    code: int
    message: Any
    data: Any = None
    status: int = 200


@dataclass
class OddServer:
    """``answers`` by method: a result, a `Raw`, a `Refusal`, or a function of the message that gives one of them."""

    answers: dict[str, Any] = field(default_factory=dict)
    tools: Any = field(default_factory=lambda: [TOOL])
    get: Callable[[web.Request], Any] | None = None
    """What a GET is answered with; 405 when there is none."""
    seen: list[Message] = field(default_factory=list)
    gets: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def asked(self, method: str) -> list[Message]:
        return [each.get("params") or {} for each in self.seen if each.get("method") == method]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            self.gets += request.method == "GET"
            return await self.get(request) if self.get and request.method == "GET" else web.Response(status=405)
        message = await request.json()
        self.seen.append(message)
        if "id" not in message:
            return web.Response(status=202)
        given = self.answers.get(message["method"], self._usual(message["method"]))
        return _response(given(message) if callable(given) else given, message["id"])

    def _usual(self, method: str) -> Any:
        usual = {
            "initialize": HELLO,
            "tools/list": {"tools": self.tools},
            "tools/call": {"content": [{"type": "text", "text": "seen"}]},
        }
        return usual.get(method, Refusal(-32601, "Method not found"))


def _response(given: Any, number: Any) -> web.Response:
    if isinstance(given, Refusal):
        error = {"code": given.code, "message": given.message} | ({"data": given.data} if given.data else {})
        return web.json_response({"jsonrpc": "2.0", "id": number, "error": error}, status=given.status)
    if not isinstance(given, Raw):
        return web.json_response({"jsonrpc": "2.0", "id": number, "result": given})
    body = given.text.encode() if isinstance(given.text, str) else given.text
    body = body.replace(b"%ID%", json.dumps(number).encode())
    response = web.Response(body=body, status=given.status)
    if given.kind is None:
        response.headers.pop("content-type", None)  # aiohttp then calls it a stream of octets
    else:
        response.headers["content-type"] = given.kind
    return response


def result(text: str) -> str:
    """The whole message with this JSON as its result."""
    return '{"jsonrpc":"2.0","id":%ID%,"result":' + text + "}"


def said(words: str) -> str:
    """The result of a call that says these words."""
    return result(json.dumps({"content": [{"type": "text", "text": words}]}))


def events(*texts: str) -> Raw:
    return Raw("".join(f"{each}\n\n" for each in texts), "text/event-stream")


@asynccontextmanager
async def odd(server: OddServer) -> AsyncIterator[OddServer]:
    async with host(server.answer) as server.port:
        yield server
