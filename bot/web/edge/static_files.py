"""The static files, and the licences of those that others wrote."""

from aiohttp import web

from bot.web.edge import answers, headers
from bot.web.edge.assets import STATIC
from bot.web.edge.context import ASSETS, SITE


async def show(request: web.Request) -> web.Response:
    asset = request.app[ASSETS].by_url.get(request.path)
    if asset is None:
        return answers.dead(request)
    sent = headers.asset(request.app[SITE].https) | {"Content-Type": asset.type}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.packed, headers=sent | {"Content-Encoding": "gzip"})
    return web.Response(body=asset.content, headers=sent)


async def notices(request: web.Request) -> web.Response:
    found = sorted(STATIC.glob("vendor/*/LICENSE"))
    told = [(path.parent.name, path.read_text(encoding="utf-8")) for path in found]
    return answers.page(request, "notices.html", notices=told)
