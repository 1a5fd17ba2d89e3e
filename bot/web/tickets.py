"""The page where a secret is entered, so that it never passes through Slack."""

from aiohttp import web

from bot.errors import FormError, UserError
from bot.services.connections.values import TicketView
from bot.services.tickets import TicketGone
from bot.web.edge import answers, callers, cookies, guards
from bot.web.edge.context import SERVICES, SITE

LONGEST = 8192


async def show(request: web.Request) -> web.Response:
    """The masked field. Looking at it uses nothing up: previews look too."""
    _mind_the_rate(request)
    ticket = request.match_info["ticket"]
    view = await request.app[SERVICES].connections.ticket(ticket)
    if view:
        return _form(request, view)
    if cookies.used_ticket(request, ticket):
        sentence = await request.app[SERVICES].connections.finished(ticket)
        return answers.page(request, "connected.html", sentence=sentence or "It is connected")
    return _used(request)


async def finish(request: web.Request) -> web.Response:
    guards.still_open(request)
    _mind_the_rate(request)
    found = await guards.fields(request)
    ticket = request.match_info["ticket"]
    view = await request.app[SERVICES].connections.ticket(ticket)
    if view is None:
        return _done(request, ticket) if cookies.used_ticket(request, ticket) else _used(request)
    secret = guards.text(found, "secret").strip()
    if not secret or len(secret) > LONGEST:
        return _form(request, view, "Please paste the whole secret." if not secret else "That is too long.")
    return await _connected(request, ticket, secret)


def _mind_the_rate(request: web.Request) -> None:
    site = request.app[SITE]
    answers.too_often(request, site.misses.wait(callers.caller(request, site.proxies)))


async def _connected(request: web.Request, ticket: str, secret: str) -> web.Response:
    connections = request.app[SERVICES].connections
    try:
        await connections.finish(ticket, secret)
    except FormError as wrong:
        return await _again(request, ticket, str(wrong))
    except TicketGone:
        return _used(request)
    except UserError as refused:
        return answers.page(request, "refused.html", 409, text=str(refused))
    return _done(request, ticket)


def _done(request: web.Request, ticket: str) -> web.Response:
    """Shown by a page of its own, so that a reload neither sends the secret again nor says that it is no good."""
    response = answers.see_other(request, request.path)
    cookies.remember_used(request, response, ticket)
    return response


async def _again(request: web.Request, ticket: str, complaint: str) -> web.Response:
    """The form with its complaint while there are tries left."""
    view = await request.app[SERVICES].connections.ticket(ticket)
    return _form(request, view, complaint) if view else answers.page(request, "refused.html", 409, text=complaint)


def _form(request: web.Request, view: TicketView, complaint: str = "") -> web.Response:
    return answers.page(request, "ticket.html", 422 if complaint else 200, view=view, complaint=complaint)


def _used(request: web.Request) -> web.Response:
    """The same for a ticket that is unknown, used or too old."""
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
    return answers.page(request, "ticket_used.html", 404)
