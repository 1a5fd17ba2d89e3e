"""The page where secrets are entered, so that they never pass through Slack."""

from collections.abc import Mapping

from aiohttp import web

from bot.errors import FormError, UserError
from bot.services.connections.values import TicketView
from bot.services.tickets import SECRET, TicketGone
from bot.web import members
from bot.web.edge import answers, callers, cookies, guards
from bot.web.edge.context import SERVICES, SITE

LONGEST = 8192


async def show(request: web.Request) -> web.Response:
    """The masked field. Looking at it uses nothing up: previews look too."""
    guards.mind_the_misses(request)
    ticket = request.match_info["ticket"]
    view = await request.app[SERVICES].connections.ticket(ticket)
    if view:
        return _form(request, view) if members.is_member(request, ticket) else _asked(request, view)
    if cookies.used_ticket(request, ticket):
        sentence = await request.app[SERVICES].connections.finished(ticket)
        return answers.page(request, "members/connected.html", sentence=sentence or "It is connected")
    return _used(request)


async def finish(request: web.Request) -> web.Response:
    guards.still_open(request)
    guards.mind_the_misses(request)
    found = await guards.fields(request)
    ticket = request.match_info["ticket"]
    view = await request.app[SERVICES].connections.ticket(ticket)
    if view is None:
        return _done(request, ticket) if cookies.used_ticket(request, ticket) else _used(request)
    if members.asks_first(request, ticket, found):
        try:
            return await members.proved(request, view, ticket, SECRET, found, request.path)
        except TicketGone:
            return _used(request)
    secrets = {field.name: guards.text(found, field.name).strip() for field in view.fields}
    if complaints := _complaints(secrets, view):
        return _form(request, view, complaints)
    return await _connected(request, ticket, secrets)


def _complaints(secrets: Mapping[str, str], view: TicketView) -> dict[str, str]:
    """What costs no try: nothing was entered, or far too much."""
    asked = [field.name for field in view.fields if field.secret]
    if not any(secrets[name] for name in asked):
        return {asked[0]: "Please paste the whole secret."}
    return {
        name: "That is too long. Paste the secret alone." for name, secret in secrets.items() if len(secret) > LONGEST
    }


async def _connected(request: web.Request, ticket: str, secrets: Mapping[str, str]) -> web.Response:
    connections = request.app[SERVICES].connections
    try:
        await connections.finish(ticket, secrets)
    except FormError as wrong:
        return await _again(request, ticket, wrong)
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


async def _again(request: web.Request, ticket: str, wrong: FormError) -> web.Response:
    """The form with its complaints while there are tries left."""
    view = await request.app[SERVICES].connections.ticket(ticket)
    return _form(request, view, wrong.errors) if view else answers.page(request, "refused.html", 409, text=str(wrong))


def _form(request: web.Request, view: TicketView, complaints: Mapping[str, str] | None = None) -> web.Response:
    status = 422 if complaints else 200
    return answers.page(request, "members/ticket.html", status, view=view, complaints=complaints or {})


def _asked(request: web.Request, view: TicketView) -> web.Response:
    return members.asked(request, view, request.match_info["ticket"], request.path)


def _used(request: web.Request) -> web.Response:
    """The same for a ticket that is unknown, used or too old."""
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
    return answers.page(request, "members/ticket_used.html", 404)
