"""A guest's chat as its host reads it: a page that works once, on a ticket that Slack gave out, for the host alone."""

from aiohttp import web

from bot.services.links.values import Guest
from bot.services.tickets import READING, TicketGone
from bot.web import members
from bot.web.chat import files, history
from bot.web.chat.transcripts import Shown
from bot.web.edge import answers, callers, cookies, guards, watching
from bot.web.edge.context import SERVICES, SITE
from bot.web.edge.languages import spoken


async def show(request: web.Request) -> web.Response:
    """A button. Looking uses nothing up: previews look too."""
    guards.mind_the_misses(request)
    ticket, services = request.match_info["ticket"], request.app[SERVICES]
    guest = await services.links.outcomes.to_be_read(ticket)
    if guest is None:
        return _gone(request)
    # The address can be sent on, and read by whoever finds it in a history: nobody but its member learns of whom it is.
    if not members.is_member(request, ticket):
        whose = await services.connections.whose(ticket)
        return members.asked(request, whose, ticket, request.path) if whose else _gone(request)
    return _page(request, guest)


async def read(request: web.Request) -> web.Response:
    guards.still_open(request)
    guards.mind_the_misses(request)
    found = await guards.fields(request)
    ticket, services = request.match_info["ticket"], request.app[SERVICES]
    try:
        if members.asks_first(request, ticket, found):
            whose = await services.connections.whose(ticket)
            if whose is None:
                raise TicketGone
            return await members.proved(request, whose, ticket, READING, found, request.path)
        guest = await services.links.outcomes.read_once(ticket)
    except TicketGone:
        if await services.links.outcomes.was_read(ticket):
            watching.noted(request, "replay")
        return _gone(request)
    return _page(request, guest, await history.written(await history.whole(services, guest, spoken(request))))


async def file(request: web.Request) -> web.Response:
    """One of the chat that was just read, to the browser that has read it; nothing is looked up for any other."""
    guards.mind_the_misses(request)
    ticket = request.match_info["ticket"]
    if not cookies.proved(request, ticket, members.proof(request, ticket)):
        return _gone(request)
    found = await request.app[SERVICES].links.outcomes.file_of(ticket, files.id_of(request))
    return files.sent(request, found) if found else _gone(request)


def _page(request: web.Request, guest: Guest, log: Shown | None = None) -> web.Response:
    return answers.page(
        request, "host_reading.html", guest=guest, log=log, files=f"{request.match_info['ticket']}/files/"
    )


def _gone(request: web.Request) -> web.Response:
    """The same for a ticket that is unknown, used or too old."""
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
    return answers.page(request, "host_reading.html", 404, guest=None, log=None)
