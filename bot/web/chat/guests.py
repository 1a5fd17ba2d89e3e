"""Whose request it is: proven by the session's cookie, never by an id in the address."""

from typing import Any

from aiohttp import web

from bot.services import tokens
from bot.services.links.in_words import over_heading, why_over
from bot.services.links.values import ERASED, Guest
from bot.web.edge import answers, cookies, watching
from bot.web.edge.context import SERVICES, SITE
from bot.web.edge.languages import asked_for, choose, spoken

MOVED = "moved"
BY_GUEST = frozenset({"guest", ERASED["guest"]})
TAKEN_BACK = frozenset({"guest", MOVED, *ERASED.values()})
"""After it nothing of the chat is shown again: whoever ended it, on a shared device perhaps, wants it so.

What a host ends is still the guest's to keep, as they were promised."""


async def known(request: web.Request) -> Guest | None:
    """The guest of the link in the address; the session may have ended."""
    link_id = request.match_info["link_id"]
    secret = cookies.secret(request, link_id)
    guest = await request.app[SERVICES].links.guest(link_id, secret) if secret else None
    if guest:
        choose(request, guest.link.language)
    return guest


async def required(request: web.Request) -> Guest:
    if (guest := await known(request)) is None:
        raise answers.Refusal(await unknown(request))
    return guest


async def unknown(request: web.Request) -> web.Response:
    """Whose cookie opens nothing; only who went on on another device is told more than that."""
    link_id = request.match_info["link_id"]
    secret = cookies.secret(request, link_id)
    if secret and (guest := await request.app[SERVICES].links.moved_away(link_id, secret)):
        watching.noted(request, "replay")
        return moved(request, guest)
    if secret:
        watching.noted(request, "stranger")
    return answers.dead(request) if answers.wants_page(request) else gone(request)


def moved(request: web.Request, guest: Guest) -> web.Response:
    if answers.wants_page(request):
        response = over(request, guest, MOVED, 410)
    else:
        told = {"code": "ended", "reason": MOVED, "text": why_over(MOVED, spoken(request))}
        response = answers.answer(request, told, 404)
    cookies.take_back(request, response, guest.link.id)
    return response


async def reader(request: web.Request) -> Guest:
    """Who may still read what was said, and has not read it too often."""
    guest = await required(request)
    not_taken_back(request, guest)
    mind_the_rate(request, guest)
    return guest


def mind_the_rate(request: web.Request, guest: Guest) -> None:
    readings = request.app[SITE].readings
    answers.too_often(request, readings.wait(guest.conversation_id))
    readings.count(guest.conversation_id)


def not_taken_back(request: web.Request, guest: Guest) -> None:
    if guest.reason in TAKEN_BACK:
        raise answers.Refusal(ended(request, guest))


async def live(request: web.Request) -> Guest:
    guest = await required(request)
    if guest.ended:
        raise answers.Refusal(ended(request, guest))
    return guest


async def of_link(request: web.Request, token: str) -> Guest | None:
    """The browser's own session on the link with this token, also when nobody else can open it any more."""
    if (parsed := tokens.parse(token, tokens.Kind.LINK)) is None:
        return None
    for link_id, secret in cookies.all_secrets(request):
        guest = await request.app[SERVICES].links.guest(link_id, secret)
        if guest and guest.came_by(tokens.at_rest(parsed)):
            choose(request, guest.link.language)
            return guest
    return None


def gone(request: web.Request) -> web.Response:
    """What the dead page says, to a script: the same for every link that opens nothing."""
    return answers.answer(request, {"code": "gone", "text": asked_for(request)("refused.gone")}, 404)


def ended(request: web.Request, guest: Guest) -> web.Response:
    """Only to its own guest: why the chat is over."""
    if guest.reason in BY_GUEST:  # whose browser was told to forget the cookie
        watching.noted(request, "replay", guest.link.id)
    if answers.wants_page(request):
        return over(request, guest, guest.reason, 410)
    why = why_over(guest.reason, spoken(request))
    return answers.answer(request, {"code": "ended", "reason": guest.reason, "text": why}, 404)


def over(request: web.Request, guest: Guest, reason: str, status: int) -> web.Response:
    """The page that stands where the chat was."""
    values: dict[str, Any] = {
        "heading": over_heading(reason, spoken(request)),
        "why": why_over(reason, spoken(request)),
        "title": guest.link.title,
        "chat": "",
        "form": "",
    }
    if reason not in TAKEN_BACK:
        values["chat"] = f"/temp-chat/sessions/{guest.link.id}/"
        values["form"] = cookies.form_token(cookies.secret(request, guest.link.id))
    return answers.page(request, "ended.html", status, **values)
