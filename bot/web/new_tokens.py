"""The page that makes a member's access token and shows it once: it never passes through Slack."""

from aiohttp import web

from bot.errors import UserError
from bot.services.tickets import TOKEN, TicketGone
from bot.services.tickets.new_tokens import NewTokens
from bot.services.tokens.scopes import in_words
from bot.web import members
from bot.web.edge import answers, callers, cookies, guards, watching
from bot.web.edge.context import SERVICES, SITE


async def show(request: web.Request) -> web.Response:
    """A button. Looking makes nothing: previews look too."""
    guards.mind_the_misses(request)
    ticket, made_by = request.match_info["ticket"], _maker(request)
    found = await made_by.look(ticket)
    if found is None:
        return _gone(request)
    if not members.is_member(request, ticket):
        return await _asked(request, ticket)
    return answers.page(request, "members/new_token.html", found=found, token="", may=in_words(found.wanted.scopes))


async def make(request: web.Request) -> web.Response:
    guards.still_open(request)
    guards.mind_the_misses(request)
    fields = await guards.fields(request)
    ticket, made_by = request.match_info["ticket"], _maker(request)
    if await made_by.look(ticket) is None:
        return _gone(request)
    try:
        if members.asks_first(request, ticket, fields):
            whose = await request.app[SERVICES].connections.whose(ticket)
            if whose is None:
                return _gone(request)
            return await members.proved(request, whose, ticket, TOKEN, fields, request.path)
        made = await made_by.make(ticket)
    except TicketGone:
        return _gone(request)
    except UserError as refused:
        return answers.page(request, "refused.html", 409, text=str(refused))
    # Answered at once and kept nowhere: whoever loads the page again is told that it was used.
    response = answers.page(
        request, "members/new_token.html", found=made.row, token=made.token, may=in_words(made.row.scopes)
    )
    cookies.remember_used(request, response, ticket)
    return response


async def _asked(request: web.Request, ticket: str) -> web.Response:
    whose = await request.app[SERVICES].connections.whose(ticket)
    return members.asked(request, whose, ticket, request.path) if whose else _gone(request)


def _maker(request: web.Request) -> NewTokens:
    found = request.app[SERVICES].new_tokens
    if found is None:
        raise web.HTTPNotFound
    return found


def _gone(request: web.Request) -> web.Response:
    """The same for a ticket that is unknown, used or too old; but for the browser that has used it."""
    if cookies.used_ticket(request, request.match_info["ticket"]):
        if request.method == "POST":
            watching.noted(request, "replay")
        return answers.page(request, "members/new_token.html", 410, found=None, token="")
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
    return answers.page(request, "members/ticket_used.html", 404)
