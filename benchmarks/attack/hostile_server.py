"""MCP servers that mean harm, one for each way, by path; and one that means none, for comparison."""

import argparse
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

GET = {"name": "get", "description": "Gets.", "inputSchema": {"type": "object"}}
PIECE = 200
"""Messages that are sent in one go."""


def _doubled(depth: int) -> dict[str, Any]:
    twice = {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at - 1}"}] * 2} for at in range(1, depth)}
    definitions = {"d0": {"type": "integer"}, **twice}
    return {"type": "object", "$defs": definitions, "properties": {"x": {"$ref": f"#/$defs/d{depth - 1}"}}}


def _large(number: int) -> dict[str, Any]:
    properties = {f"p{at}": {"type": "string", "description": "x" * 20} for at in range(800)}
    return {"name": f"t{number}", "inputSchema": {"type": "object", "properties": properties}}


def _broken(number: int) -> dict[str, Any]:
    return {"name": number, "inputSchema": {"type": "object", "properties": {f"p{at}": None for at in range(100)}}}


SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "backtracking": {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}},
    "doubled_references": _doubled(18),
}
"""Of the tool's results."""
RESULTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "backtracking": lambda: {"content": [], "structuredContent": {"x": "a" * 28 + "!"}},
    "doubled_references": lambda: {"content": [], "structuredContent": {"x": 1}},
    "empty_objects": lambda: {"content": [], "structuredContent": {"x": [{}] * 2_600_000}},
    "objects": lambda: {"content": [], "structuredContent": {str(at): {} for at in range(45_000)}},
    "blocks": lambda: {"content": [{"type": "text", "text": ""}] * 300_000},
    "text": lambda: {"content": [{"type": "text", "text": "\u200d\U0001f468" * 600_000}]},
    "picture": lambda: {"content": [{"type": "image", "mimeType": "image/png", "data": "A" * 7_900_000}]},
}
FLOODS: Mapping[str, Mapping[str, Any]] = {
    "log_flood": {"method": "notifications/message", "params": {"level": "info", "data": "x"}},
    "change_flood": {"method": "notifications/tools/list_changed"},
    "ping_flood": {"method": "ping", "id": 9},
}
LISTS: Mapping[str, Callable[[], list[Any]]] = {
    "broken_tools": lambda: [_broken(number) for number in range(800)],
    "large_tools": lambda: [_large(number) for number in range(28)],
    "thousand_tools": lambda: [{**GET, "name": f"get_{number}"} for number in range(999)],
}
KINDS = ("none", *RESULTS, *FLOODS, *LISTS)


class Hostile:
    """Of one ``kind``; what it says is made once."""

    def __init__(self, kind: str) -> None:
        self._flood = json.dumps({"jsonrpc": "2.0", **FLOODS[kind]}) if kind in FLOODS else ""
        schema = {"outputSchema": SCHEMAS[kind]} if kind in SCHEMAS else {}
        self._tools = json.dumps({"tools": [{**GET, **schema}, *LISTS.get(kind, list)()]})
        said = RESULTS.get(kind, lambda: {"content": [{"type": "text", "text": "ok"}]})()
        self._result = json.dumps(said, separators=(",", ":"))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=405 if request.method == "GET" else 200)
        asked = await request.json()
        if "id" not in asked or "method" not in asked:
            return web.Response(status=202)
        if asked["method"] == "tools/call" and self._flood:
            return await self._flooded(request)
        results = {"initialize": _hello(asked), "tools/list": self._tools, "tools/call": self._result}
        given = results.get(asked["method"])
        told = f'"result":{given}' if given else '"error":{"code":-32601,"message":"no such method"}'
        text = f'{{"jsonrpc":"2.0","id":{json.dumps(asked["id"])},{told}}}'
        return web.Response(text=text, content_type="application/json", headers={"mcp-session-id": "s"})

    async def _flooded(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        piece = f"data: {self._flood}\n\n".encode() * PIECE
        with suppress(ConnectionError):
            while True:
                await response.write(piece)
        return response


def _hello(asked: Mapping[str, Any]) -> str:
    version = asked.get("params", {}).get("protocolVersion")
    server = {"name": "hostile", "version": "1"}
    return json.dumps({"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": server})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("kinds", nargs="+", choices=KINDS)
    given = parser.parse_args()
    app = web.Application(client_max_size=1 << 24)
    for kind in given.kinds:
        app.router.add_route("*", f"/{kind}/mcp", Hostile(kind).answer)
    web.run_app(app, host="127.0.0.1", port=given.port, print=None, access_log=None, shutdown_timeout=0)


if __name__ == "__main__":
    main()
