"""An ASGI app inside the sidecar: no second server and no second port. For streams as well as for whole answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

Message = dict[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
DECIDED_HERE = frozenset({b"content-length", b"transfer-encoding", b"connection", b"date", b"server"})


async def bridged(
    app: App, request: web.Request, *, body: bytes | None = None, also: Mapping[str, str] = MappingProxyType({})
) -> web.StreamResponse:
    """``body`` is what was read of it already; ``also`` are headers that the app sees beside its own."""
    answer, scope = _Answer(request), _scope(request)
    scope["headers"] += [(name.lower().encode(), value.encode()) for name, value in also.items()]
    await app(scope, _receiver(request, body), answer.send)
    return await answer.ended()


def _scope(request: web.Request) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": request.rel_url.raw_path.encode(),
        "query_string": request.rel_url.raw_query_string.encode(),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
        "client": (request.remote or "", 0),
        "server": None,
        "state": {},
    }


def _receiver(request: web.Request, body: bytes | None) -> Callable[[], Awaitable[Message]]:
    ended = False

    async def receive() -> Message:
        nonlocal ended
        if ended:  # asked for again: the app waits for its client to go, and with that all of this is cancelled
            await asyncio.get_running_loop().create_future()
        piece = await request.content.readany() if body is None else body
        ended = body is not None or request.content.at_eof()
        return {"type": "http.request", "body": piece, "more_body": not ended}

    return receive


class _Answer:
    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._head: Message | None = None
        self._answer: web.StreamResponse | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
        elif message["type"] == "http.response.body" and self._head is not None:
            await self._write(self._head, message.get("body", b""), more=message.get("more_body", False))

    async def _write(self, head: Message, body: bytes, *, more: bool) -> None:
        if self._answer is None:
            headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in head["headers"]
                if name.lower() not in DECIDED_HERE
            ]
            if not more:  # whole: with a length, so that the connection can be used again at once
                self._answer = web.Response(status=head["status"], headers=headers, body=body)
                return
            self._answer = web.StreamResponse(status=head["status"], headers=headers)
            await self._answer.prepare(self._request)
        if body:
            await self._answer.write(body)

    async def ended(self) -> web.StreamResponse:
        if self._answer is None:
            return web.Response(status=self._head["status"] if self._head else 500)
        if not isinstance(self._answer, web.Response):
            await self._answer.write_eof()
        return self._answer
