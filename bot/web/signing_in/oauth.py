"""Signing in at a service: the page before it, the way back from it, and who we say that we are."""

import base64
import hashlib
import json
from urllib.parse import urlencode

from aiohttp import web

from bot.errors import UserError
from bot.services.connections.oauth.values import FlowGone, Outcome
from bot.services.tickets import SIGN_IN, TicketGone
from bot.web import members
from bot.web.edge import answers, callers, cookies, guards
from bot.web.edge.context import SERVICES, SITE
from mcp_runtime.oauth.registration import Site, document

LASTS = 15 * 60
"""Seconds."""
DONE = "oa_done"
ANSWER = ("code", "iss", "error", "state")
KEPT = "public, max-age=3600"
NOT_YOURS = (
    "This sign-in was begun in another browser, has been used already, or took longer than 15 minutes. Start again "
    "from Slack. If you have just signed in here, all is well: Slack says how it went."
)


async def show(request: web.Request) -> web.Response:
    """Whose account will act for whom. Looking at it uses nothing up: previews look too."""
    guards.mind_the_misses(request)
    ticket = request.query.get("ticket", "")
    view = await request.app[SERVICES].connections.oauth.view(ticket)
    if view is None:
        return _used(request)
    if not members.is_member(request, ticket):
        return members.asked(request, view, ticket, request.path)
    return answers.page(request, "members/sign_in.html", leads_to=view.leads_to, view=view, ticket=ticket)


async def start(request: web.Request) -> web.Response:
    """Off to the service, by a browser that will be known again: whoever is forwarded its address is not."""
    guards.still_open(request)
    guards.mind_the_misses(request)
    found = await guards.fields(request)
    ticket, oauth = guards.text(found, "ticket"), request.app[SERVICES].connections.oauth
    try:
        if members.asks_first(request, ticket, found):
            view = await oauth.view(ticket)
            back = f"{request.path}?{urlencode({'ticket': ticket})}"
            return await members.proved(request, view, ticket, SIGN_IN, found, back) if view else _used(request)
        started = await oauth.start(ticket)
    except TicketGone:
        return _used(request)
    except UserError as refused:
        return answers.page(request, "refused.html", 409, text=str(refused))
    response = answers.see_other(request, started.url)
    cookies.keep(request, response, _flow(started.state), started.browser, LASTS)
    return response


async def finish(request: web.Request) -> web.Response:
    """The service sends the browser back here, with a code or with a refusal."""
    guards.still_open(request)
    guards.mind_the_misses(request)
    if any(len(request.query.getall(name, ())) > 1 for name in ANSWER):  # RFC 6749, 3.1: which one would count?
        return _not_yours(request)
    answer = {name: request.query[name] for name in ANSWER if name in request.query}
    state = answer.pop("state", "")
    browser = cookies.kept(request, _flow(state))
    try:
        if not browser:  # another browser's, or a scanner's: nothing is even looked up
            raise FlowGone(NOT_YOURS)
        outcome = await request.app[SERVICES].connections.oauth.finish(state, browser, answer)
    except FlowGone:
        return _not_yours(request)
    # Shown at an address of its own, so that no code stays in the browser's history or in a reload.
    response = answers.see_other(request, "/oauth/done")
    cookies.keep(request, response, _flow(state), "", 0)
    cookies.keep(request, response, DONE, _packed(outcome), LASTS)
    return response


async def done(request: web.Request) -> web.Response:
    outcome = _unpacked(cookies.kept(request, DONE))
    if outcome is None:
        return _not_yours(request)
    if outcome.ok:
        return answers.page(request, "members/connected.html", sentence=outcome.sentence)
    return answers.page(request, "refused.html", text=f"{outcome.sentence} Slack tells it as well.")


async def client(request: web.Request) -> web.Response:
    """Our own document; there is none where no service could read it."""
    site = Site(request.app[SITE].origin)
    if site.client_id is None:
        raise web.HTTPNotFound
    response = answers.answer(request, document(site))
    response.headers["Cache-Control"] = KEPT
    return response


def _flow(state: str) -> str:
    """A cookie's name for each sign-in, so that two may be under way; it tells nothing of the state."""
    return f"oa_{hashlib.sha256(state.encode(errors='replace')).hexdigest()[:16]}"


def _packed(outcome: Outcome) -> str:
    return base64.urlsafe_b64encode(json.dumps([outcome.ok, outcome.sentence[:1000]]).encode()).decode()


def _unpacked(text: str) -> Outcome | None:
    """It is this browser's own note to itself: whatever it says is shown to its owner alone, as text."""
    try:
        ok, sentence = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, TypeError):
        return None
    return Outcome(ok is True, str(sentence))


def _used(request: web.Request) -> web.Response:
    """The same for a ticket that is unknown, used or too old."""
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
    return answers.page(request, "members/ticket_used.html", 404)


def _not_yours(request: web.Request) -> web.Response:
    site = request.app[SITE]
    site.misses.count(callers.caller(request, site.proxies))
    return answers.page(request, "refused.html", 400, text=NOT_YOURS)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/oauth/start", show),
        web.post("/oauth/start", start),
        # Its answer is taken by looking at it: nothing but a browser may do that.
        web.get("/oauth/callback", finish, allow_head=False),
        web.get("/oauth/done", done),
        web.get("/oauth/client.json", client),
    ]
