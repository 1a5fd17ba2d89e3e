"""«Sign in with Slack» before a member's page: off to Slack, and the way back."""

import hashlib

from aiohttp import web

from bot.services.tickets import TicketGone
from bot.services.tickets.slack_sign_in import CALLBACK, NotSignedIn, SignInGone, SlackSignIn, SomebodyElse
from bot.web import members
from bot.web.edge import answers, callers, cookies, guards, watching
from bot.web.edge.context import SERVICES, SITE

START = "/members/slack"
LASTS = 15 * 60
"""Seconds."""
ANSWER = ("code", "state", "error")
NOT_YOURS = (
    "This sign-in was begun in another browser, has been used already, or took longer than 15 minutes. Open the page "
    "from Slack once more."
)
__all__ = ["CALLBACK", "START", "finish", "start"]


async def start(request: web.Request) -> web.Response:
    """Off to Slack, by a browser that will be known again: whoever is forwarded its address is not."""
    guards.still_open(request)
    guards.mind_the_misses(request)
    found = await guards.fields(request)
    page = guards.text(found, "ticket")
    try:
        started = await _sign_in(request).start(page)
    except TicketGone:
        return _used(request)
    response = answers.see_other(request, started.url)
    cookies.keep(request, response, _flow(started.state), f"{started.browser}.{page}", LASTS)
    return response


async def finish(request: web.Request) -> web.Response:
    """Slack sends the browser back here, with a code or with a refusal."""
    guards.still_open(request)
    guards.mind_the_misses(request)
    sign_in = _sign_in(request)
    if any(len(request.query.getall(name, ())) > 1 for name in ANSWER):  # RFC 6749, 3.1: which one would count?
        return _not_yours(request)
    state, code = request.query.get("state", ""), request.query.get("code", "")
    browser, _, page = cookies.kept(request, _flow(state)).partition(".")
    if not page:  # another browser's, or a scanner's: nothing is even looked up
        return _not_yours(request)
    try:
        path = await sign_in.finish(state, browser, page, "" if "error" in request.query else code)
    except SignInGone:
        return _not_yours(request)
    except TicketGone:
        return _used(request)
    except (NotSignedIn, SomebodyElse) as refused:
        return await _to_the_code(request, state, page, refused)
    response = _back(request, state, path)
    cookies.remember_proof(request, response, page, members.proof(request, page))
    return response


async def _to_the_code(
    request: web.Request, state: str, page: str, refused: NotSignedIn | SomebodyElse
) -> web.Response:
    """The page again, which says what went wrong and takes the six digits."""
    path = await _sign_in(request).path(page)
    if path is None:
        return _used(request)
    if isinstance(refused, SomebodyElse):
        watching.noted(request, "forged", ticket=page)
    response = _back(request, state, path)
    said = members.ELSE if isinstance(refused, SomebodyElse) else members.NOBODY
    members.say(request, response, page, said)
    return response


def _back(request: web.Request, state: str, path: str) -> web.Response:
    """At an address of its own, so that no code stays in the browser's history or in a reload."""
    response = answers.see_other(request, path)
    cookies.keep(request, response, _flow(state), "", 0)
    return response


def _sign_in(request: web.Request) -> SlackSignIn:
    found = request.app[SERVICES].connections.tickets.slack
    if found is None:
        raise web.HTTPNotFound
    return found


def _flow(state: str) -> str:
    """A cookie's name for each sign-in, so that two may be under way; it tells nothing of the state."""
    return f"sl_{hashlib.sha256(state.encode(errors='replace')).hexdigest()[:16]}"


def _used(request: web.Request) -> web.Response:
    """The same for a ticket that is unknown, used or too old."""
    _miss(request)
    return answers.page(request, "members/ticket_used.html", 404)


def _not_yours(request: web.Request) -> web.Response:
    _miss(request)
    return answers.page(request, "refused.html", 400, text=NOT_YOURS)


def _miss(request: web.Request) -> None:
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
