"""What is for those who run Usher: at an address of its own where one is set, and by a token where one is set."""

import hmac
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web import health
from bot.web.edge import answers
from bot.web.edge.context import ASSETS, CROWD, ROOMS, SERVICES, SITE, STOPPING
from bot.web.edge.errors import in_words
from bot.web.edge.watching import TOLD


def routes() -> list[web.RouteDef]:
    return [web.get("/readyz", _inside(health.ready)), web.get("/metrics", _inside(health.metrics))]


def apart(app: web.Application) -> web.Application:
    """The same app's state for those inside, to be served where nobody else comes."""
    apart = web.Application(middlewares=[in_words])
    apart[SERVICES], apart[ROOMS], apart[STOPPING] = app[SERVICES], app[ROOMS], app[STOPPING]
    apart[ASSETS], apart[CROWD], apart[TOLD] = app[ASSETS], app[CROWD], app[TOLD]
    apart[SITE] = replace(app[SITE], monitoring=replace(app[SITE].monitoring, apart=False))
    apart.add_routes([web.get("/healthz", health.lives), *routes()])
    return apart


def _inside(handler: Handler) -> Handler:
    async def answered(request: web.Request) -> web.StreamResponse:
        monitoring = request.app[SITE].monitoring
        if monitoring.apart:
            raise web.HTTPNotFound  # as any path that is not there
        if monitoring.token and not _has(request, monitoring.token):
            response = answers.plain(request, "A token is needed.\n", "text/plain; charset=utf-8")
            response.set_status(401)
            response.headers["WWW-Authenticate"] = 'Bearer realm="monitoring"'
            return response
        return await handler(request)

    return answered


def _has(request: web.Request, token: str) -> bool:
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    return hmac.compare_digest(given, f"Bearer {token}".encode())
