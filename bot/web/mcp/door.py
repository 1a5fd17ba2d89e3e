"""Who comes to Usher's MCP server: looked up by their token, held to its pace, and led to the app behind.

That app is made when somebody comes for the first time: most installations never need it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.services.tokens.access import CALLING, AccessTokens, Caller
from bot.services.tokens.pace import MINUTE, key_of
from bot.web.edge import answers, callers
from bot.web.edge.context import SERVICES, SITE, STOPPING, Inner, SlackbotDoor
from bot.web.mcp.bridge import App, bridged
from bot.web.mcp.slackbot import BEARER, SIGNATURE, signed
from storage.clock import microseconds

PATH = "/mcp"
METADATA = "/.well-known/oauth-protected-resource/mcp"
SESSION, VERSION, WITHOUT_SESSIONS = "Mcp-Session-Id", "MCP-Protocol-Version", "2026-07-28"
MOST_OPENED, WITHIN = 50, 1_800
"""Sessions of one token, in so many seconds: it must not take the room of all others."""


@dataclass
class Behind:
    """Made once, and kept running by a task of its own: what is entered has to be left by the same one."""

    make: Callable[[], Inner]
    opened: callers.Gate = field(default_factory=lambda: callers.Gate(MOST_OPENED, WITHIN))
    _up: asyncio.Future[App] | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def app(self) -> App:
        if self._up is None:
            self._up = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(self._up), name="MCP server")
        return await asyncio.shield(self._up)

    async def _run(self, up: "asyncio.Future[App]") -> None:
        try:
            inner = await asyncio.to_thread(self.make)  # what it imports takes a while, and nobody is to wait for it
            async with inner.running():
                up.set_result(inner.app)
                await self._over.wait()
        except Exception as error:
            self._up = None  # the next one to come tries again
            if up.done():
                raise
            up.set_exception(error)

    async def close(self) -> None:
        self._over.set()
        if self._task is not None:
            await asyncio.wait({self._task})


BEHIND = web.AppKey("behind", Behind)


@dataclass(frozen=True)
class BySlack:
    """Slackbot's own way in: nobody comes by it where there is no ``door``."""

    door: SlackbotDoor | None
    behind: Behind


BY_SLACK = web.AppKey("by_slack", BySlack)


def hang(app: web.Application, make: Callable[[], Inner], slackbot: SlackbotDoor | None) -> None:
    app[BEHIND] = Behind(make)
    app[BY_SLACK] = BySlack(slackbot, Behind(slackbot.make if slackbot else make))
    app.router.add_route("*", PATH, ask)
    app.router.add_get(METADATA, metadata, allow_head=False)
    app.cleanup_ctx.append(_closing)


async def ask(request: web.Request) -> web.StreamResponse:
    if request.app[STOPPING].is_set():
        raise answers.refusal(request, 503, "restart", retry_after=3)
    if SIGNATURE in request.headers:
        return await _slackbot(request)
    caller = await _caller(request)
    app = await request.app[BEHIND].app()
    opens = caller is not None and SESSION not in request.headers and _has_sessions(request)
    opened, whose = request.app[BEHIND].opened, caller.token_id if caller else ""
    if opens:
        answers.too_often(request, opened.wait(whose))
    calling = CALLING.set(caller)
    try:
        answer = await bridged(app, request)
    finally:
        CALLING.reset(calling)
    if opens and SESSION in answer.headers:
        opened.count(whose)
    return answer


async def _slackbot(request: web.Request) -> web.StreamResponse:
    """Each request is whole: no session that one member's began can be another's."""
    found = request.app[BY_SLACK]
    asked = await signed(request, found.door)
    await _paced(request, asked.caller)
    app = await found.behind.app()
    calling = CALLING.set(asked.caller)
    try:
        return await bridged(app, request, body=asked.body, also=BEARER)
    finally:
        CALLING.reset(calling)


def _has_sessions(request: web.Request) -> bool:
    """It speaks the older era of the protocol, or has not said yet which."""
    return request.headers.get(VERSION, "") < WITHOUT_SESSIONS


async def metadata(request: web.Request) -> web.StreamResponse:
    """Where a client reads that it needs a bearer token."""
    return await bridged(await request.app[BEHIND].app(), request)


async def _caller(request: web.Request) -> Caller | None:
    """None is refused by the app, in the protocol's own way."""
    site = request.app[SITE]
    prefix = callers.caller(request, site.proxies)
    answers.too_often(request, site.misses.wait(prefix))  # of somebody who tries tokens one after another
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    caller = await _tokens(request).caller(token.strip()) if kind.lower() == "bearer" else None
    if caller is None:
        if token:
            site.misses.count(prefix)
        return None
    await _paced(request, caller)
    return caller


async def _paced(request: web.Request, caller: Caller) -> None:
    async with request.app[SERVICES].db.begin() as tables:
        verdict = await tables.rates.take(key_of(caller), MINUTE, microseconds())
    if not verdict.allowed:
        raise answers.refusal(request, 429, "too_often", retry_after=verdict.retry_after)


def _tokens(request: web.Request) -> AccessTokens:
    new_tokens = request.app[SERVICES].new_tokens
    if new_tokens is None:
        raise web.HTTPNotFound
    return new_tokens.tokens


async def _closing(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[BEHIND].close()
    await app[BY_SLACK].behind.close()
