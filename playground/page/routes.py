"""The routes of the page: its static files, the changes by server-sent events, and the acts."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import cast

from aiohttp import web

from playground.page import outside
from playground.page.guard import Key, from_this_page
from playground.slack.core.changes import Json
from playground.slack.core.people import PEOPLE
from playground.slack.inhabited import Inhabited
from playground.slack.server import LocalSlack

STATIC = Path(__file__).parent / "static"
BEAT = 15.0
"""Seconds of silence after which a comment keeps an event stream alive."""
COOKIE_AGE = 30 * 24 * 3600

SAFE = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOCKED = "not_signed_in.html"


def add_page(app: web.Application, local_slack: LocalSlack, token: str, mcp: str = "") -> None:
    """Serve the page of this local workspace from the application's root; it opens at ``/?token=…``.

    ``mcp`` is where a program outside of Slack reaches the app.
    """
    page = Page(local_slack, Key(token), mcp)
    app.router.add_get("/", guarded(page.index))
    for other in local_slack.workspaces[1:]:
        app.router.add_get(other.path, guarded(page.signed_in(page.index)))
    app.router.add_get("/page/static/{name:.+}", guarded(page.static))
    app.router.add_get("/page/events", guarded(page.signed_in(page.events)))
    app.router.add_post("/page/act", guarded(page.signed_in(page.act)))
    app.router.add_get("/outside", guarded(page.outside))
    app.router.add_post("/page/outside", guarded(page.signed_in(page.ask_from_outside)))


def guarded(handler: Handler) -> Handler:
    """Answer only a browser that looks at this very page."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not from_this_page(request.host, request.headers):
            raise web.HTTPForbidden(text="This page answers on this machine only.")
        return await handler(request)

    return answer


class Page:
    def __init__(self, local_slack: LocalSlack, key: Key, mcp: str) -> None:
        self._slack = local_slack
        self._mcp = mcp
        self._key = key
        files = (file for file in STATIC.rglob("*.*") if file.suffix in TYPES)
        self._files = {file.relative_to(STATIC).as_posix(): file for file in files}

    async def index(self, request: web.Request) -> web.Response:
        if self._key.opens(request.query.get("token")):
            return self._let_in()
        if not self._knows(request):
            return self._not_signed_in()
        if request.query:  # an older address, which need not stay in sight
            raise web.HTTPSeeOther(request.path, headers=SAFE)
        return self._file("index.html")

    def signed_in(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if not self._knows(request):
                raise web.HTTPUnauthorized(text="Open the workspace by the address that its terminal shows.")
            return await handler(request)

        return answer

    def _knows(self, request: web.Request) -> bool:
        return self._key.known(request.cookies.get(self._cookie))

    @property
    def _cookie(self) -> str:
        """Of this port: browsers keep one jar for all ports of a host."""
        return f"usher_workspace_{self._slack.port}"

    def _let_in(self) -> web.Response:
        """To the address without the secret, so that it stays out of sight and out of bookmarks."""
        answer = web.Response(status=303, headers={**SAFE, "Location": "/", "Cache-Control": "no-store"})
        answer.set_cookie(
            self._cookie, self._key.cookie, httponly=True, samesite="Strict", path="/", max_age=COOKIE_AGE
        )
        return answer

    def _not_signed_in(self) -> web.Response:
        text = self._files[LOCKED].read_text().replace("{address}", self._slack.url)
        headers = {**SAFE, "Cache-Control": "no-store"}
        return web.Response(text=text, status=403, content_type="text/html", charset="utf-8", headers=headers)

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        return self._file(name)

    def _file(self, name: str) -> web.Response:
        file = self._files[name]
        kind = TYPES[file.suffix]
        charset = None if kind.startswith("font/") else "utf-8"
        return web.Response(body=file.read_bytes(), content_type=kind, charset=charset, headers=SAFE)

    async def events(self, request: web.Request) -> web.StreamResponse:
        person = request.query.get("as", "")
        if person not in PEOPLE:
            raise web.HTTPNotFound(text="Nobody of that name is in this workspace.")
        stream = web.StreamResponse(headers={**SAFE, "Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b"retry: 1000\n\n")
        beating = asyncio.create_task(_beat(stream))
        try:
            async with aclosing(self._place(request).changes(person)) as changes:  # type: ignore[type-var]
                async for change in changes:
                    await stream.write(b"data: " + json.dumps(change).encode() + b"\n\n")
        except ConnectionError:
            pass  # The reader has left.
        finally:
            beating.cancel()
        return stream

    def _place(self, request: web.Request) -> Inhabited:
        """The workspace that is meant: the first, where none is named."""
        wanted = request.query.get("team") or self._slack.workspace.shared.team.id
        found = next((each for each in self._slack.places if each.workspace.shared.team.id == wanted), None)
        if found is None:
            raise web.HTTPNotFound(text="There is no such workspace here.")
        return found

    async def act(self, request: web.Request) -> web.Response:
        return web.json_response(await self._place(request).act(await _json(request)), headers=SAFE)

    async def outside(self, request: web.Request) -> web.Response:
        return self._file("outside.html") if self._knows(request) else self._not_signed_in()

    async def ask_from_outside(self, request: web.Request) -> web.Response:
        wanted = await _json(request)
        if not isinstance(wanted, dict):
            raise web.HTTPBadRequest(text="This is no question.")
        return web.json_response(await outside.asked(self._mcp, wanted), headers=SAFE)


async def _json(request: web.Request) -> Json:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        return cast(Json, await request.json())
    except (ValueError, LookupError) as error:  # of JSON, of its letters, of an alphabet that nobody knows
        raise web.HTTPBadRequest(text="This is no JSON.") from error


async def _beat(stream: web.StreamResponse) -> None:
    while True:
        await asyncio.sleep(BEAT)
        await stream.write(b": beat\n\n")
