"""Who is in front of a member's page: the code that only they are shown, asked before anything can be entered."""

import hashlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.services.connections.oauth.values import SignInView
from bot.services.connections.values import TicketView, Whose
from bot.web.edge import answers, cookies, guards, headers
from bot.web.edge.context import SERVICES, SITE

CODE = "slack_code"
WRONG = "That is not the code. Look in Slack, above the button that opened this page."
MISSING = "Please type the six digits that Slack shows you."
FOR_SECONDS = 600
SAID_SECONDS = 60


View = TicketView | SignInView | Whose
ELSE, NOBODY = "else", "nobody"
SAID = {
    ELSE: "You are signed in to Slack as somebody else than this page is for. If it is yours, sign in as yourself, or "
    "type the code.",
    NOBODY: "Slack did not say who you are. Try once more, or type the code: it works without.",
}
"""What became of «Sign in with Slack», on the page that it was for. Names nobody."""


def is_member(request: web.Request, ticket: str) -> bool:
    """Of a ticket that there is. Counted: whoever has its address, and no code, could have it looked up without end."""
    readings = request.app[SITE].readings
    answers.too_often(request, readings.wait(f"ticket:{ticket}"))
    readings.count(f"ticket:{ticket}")
    return cookies.proved(request, ticket, proof(request, ticket))


def asks_first(request: web.Request, ticket: str, found: Mapping[str, Any]) -> bool:
    """What was sent is the code, or comes from a browser that has to give it."""
    return not is_member(request, ticket) or CODE in found


def asked(request: web.Request, view: View, ticket: str, action: str, complaint: str = "") -> web.Response:
    """The page that asks for it, in the place of the one that was wanted."""
    slack = request.app[SERVICES].connections.tickets.slack
    said = SAID.get(cookies.kept(request, _said(ticket)), "") if slack else ""
    told: dict[str, Any] = {"view": view, "ticket": ticket, "action": action, "complaint": complaint, "said": said}
    told["about"] = view.purpose if isinstance(view, Whose) else ""
    leads_to = slack.origin if slack else ""
    return answers.page(request, "members/who.html", 422 if complaint else 200, leads_to=leads_to, slack=slack, **told)


def proof(request: web.Request, ticket: str) -> str:
    return request.app[SERVICES].connections.tickets.proof(ticket)


def say(request: web.Request, response: web.Response, ticket: str, said: str) -> None:
    """One of `SAID`, to be shown by the page where this leads."""
    cookies.keep(request, response, _said(ticket), said, SAID_SECONDS)


def _said(ticket: str) -> str:
    return f"sl_said_{hashlib.sha256(ticket.encode(errors='replace')).hexdigest()[:16]}"


async def proved(
    request: web.Request,
    view: View,
    ticket: str,
    purpose: str,
    found: Mapping[str, Any],
    back: str,
) -> web.Response:
    """What comes of a form that was sent by a browser nobody knows yet: ``back`` when the code is right.

    Whatever else it holds, such as a secret, is not looked at. Raises `TicketGone`.
    """
    action, code = request.path, guards.text(found, CODE).strip()
    if not code:
        return asked(request, view, ticket, action, MISSING)
    if not await request.app[SERVICES].connections.tickets.proves(ticket, code, purpose):
        return asked(request, view, ticket, action, WRONG)
    response = answers.see_other(request, back)
    cookies.remember_proof(request, response, ticket, proof(request, ticket))
    return response


async def picture(request: web.Request) -> web.Response:
    """Of the member, to who has the address of their page."""
    found = await request.app[SERVICES].connections.picture(request.match_info["ticket"])
    if found is None:
        return answers.nothing(request, 404)
    kept = {"Content-Type": found.type, "Cache-Control": f"private, max-age={FOR_SECONDS}"}
    return web.Response(body=found.content, headers=headers.answer(request.app[SITE].https) | kept)
