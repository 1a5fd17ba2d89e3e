"""What stands for a chat in pictures: its host's, for who holds the link, and ours where it is kept as an app."""

import json

from aiohttp import web

from bot.web.chat import guests, invitations
from bot.web.edge import accents, answers, headers
from bot.web.edge.context import ASSETS, SERVICES, SITE
from bot.web.edge.languages import spoken
from storage.tables import Link

FOR_SECONDS = 600


async def of_link(request: web.Request) -> web.Response:
    """To everybody else it is as dead as the link's page."""
    link = await invitations.looked_at(request)
    return await _shown(request, link) if link else invitations.missed(request)


async def of_chat(request: web.Request) -> web.Response:
    guest = await guests.required(request)
    guests.not_taken_back(request, guest)
    return await _shown(request, guest.link)


async def manifest(request: web.Request) -> web.Response:
    """Names no chat, and leads back to the address that it was read from: neither holds a secret."""
    words, assets = spoken(request), request.app[ASSETS]
    icons = [{"src": assets.named(f"icon-{size}.png").url, "sizes": f"{size}x{size}"} for size in (192, 512)]
    told = {
        "name": words("common.private_chat"),
        "short_name": "Usher",
        "lang": words.language.code,
        "dir": words.language.direction,
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#f6f4ef",
        "theme_color": accents.on_phones(request.app[SITE].accent),
        "icons": [{**icon, "type": "image/png", "purpose": "any maskable"} for icon in icons],
    }
    return answers.plain(request, json.dumps(told, ensure_ascii=False), "application/manifest+json; charset=utf-8")


async def _shown(request: web.Request, link: Link) -> web.Response:
    picture = await request.app[SERVICES].hosting.picture(link)
    if picture is None:
        return answers.nothing(request, 404)
    kept = {"Content-Type": picture.type, "Cache-Control": f"private, max-age={FOR_SECONDS}"}
    return web.Response(body=picture.content, headers=headers.answer(request.app[SITE].https) | kept)
