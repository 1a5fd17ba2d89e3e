"""The picture of a guest's host, from our own origin: for who holds the link, and for who is in its chat."""

from aiohttp import web

from bot.web.chat import guests, invitations
from bot.web.edge import answers, headers
from bot.web.edge.context import SERVICES, SITE
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


async def _shown(request: web.Request, link: Link) -> web.Response:
    picture = await request.app[SERVICES].hosting.picture(link)
    if picture is None:
        return answers.nothing(request, 404)
    kept = {"Content-Type": picture.type, "Cache-Control": f"private, max-age={FOR_SECONDS}"}
    return web.Response(body=picture.content, headers=headers.answer(request.app[SITE].https) | kept)
