"""Nobody but this computer: the Host header must name it, and a page that asks must be our own."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

HERE = {"127.0.0.1", "localhost", "::1"}
LED_TO = ("/", "/openid/connect/authorize", "/oauth/v2/authorize")
ELSEWHERE = {"cross-site", "same-site"}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_from_here(request: web.Request, handler: Answer) -> web.StreamResponse:
    """A strange Host is another site's name for us (DNS rebinding); a strange Origin another site's page."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if urlsplit(f"//{host}").hostname not in HERE:
        raise web.HTTPForbidden(text="This workspace answers to this computer only.")
    if origin is not None and urlsplit(origin).netloc != host:
        raise web.HTTPForbidden(text="This workspace answers to its own page only.")
    # A picture or a link has no Origin. A link may lead to the page, which by itself does nothing.
    if request.headers.get("Sec-Fetch-Site") in ELSEWHERE and request.path not in LED_TO:
        raise web.HTTPForbidden(text="This workspace answers to its own page only.")
    return await handler(request)
