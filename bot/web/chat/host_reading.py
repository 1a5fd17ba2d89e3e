"""A guest's chat as its host reads it: a page that works once, on a ticket that Slack gave out."""

from aiohttp import web

from bot.services.links.values import Guest
from bot.services.tickets import TicketGone
from bot.web.chat import history
from bot.web.chat.transcripts import Shown
from bot.web.edge import answers, callers, guards, watching
from bot.web.edge.context import SERVICES, SITE
from bot.web.edge.languages import spoken


async def show(request: web.Request) -> web.Response:
    """A button. Looking uses nothing up: previews look too."""
    _mind_the_rate(request)
    guest = await request.app[SERVICES].links.outcomes.to_be_read(request.match_info["ticket"])
    return _page(request, guest) if guest else _gone(request)


async def read(request: web.Request) -> web.Response:
    _mind_the_rate(request)
    await guards.fields(request)
    try:
        guest = await request.app[SERVICES].links.outcomes.read_once(request.match_info["ticket"])
    except TicketGone:
        if await request.app[SERVICES].links.outcomes.was_read(request.match_info["ticket"]):
            watching.noted(request, "replay")
        return _gone(request)
    return _page(request, guest, await history.whole(request.app[SERVICES], guest, spoken(request)))


def _mind_the_rate(request: web.Request) -> None:
    site = request.app[SITE]
    answers.too_often(request, site.misses.wait(callers.caller(request, site.proxies)))


def _page(request: web.Request, guest: Guest, log: Shown | None = None) -> web.Response:
    return answers.page(request, "host_reading.html", guest=guest, log=log)


def _gone(request: web.Request) -> web.Response:
    """The same for a ticket that is unknown, used or too old."""
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
    return answers.page(request, "host_reading.html", 404, guest=None, log=None)
