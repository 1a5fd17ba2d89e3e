"""The link itself: a page that changes nothing, and the press of Start that does."""

import re
import secrets
import unicodedata
from typing import Any

from aiohttp import web

from bot.errors import Refused, UserError
from bot.services.links.admission.proofs import WorkAsked
from bot.services.links.admission.values import ADDRESSED, ANYONE, MAIL, Caller, Denied, NotSent, masked
from bot.services.links.hosting.values import Host
from bot.services.links.uploads.values import allowed
from bot.services.links.values import Started, has_room, silence, why_no_room
from bot.web.chat import guests
from bot.web.chat.looks import LOOKS, by_person
from bot.web.edge import answers, callers, cookies, guards, watching
from bot.web.edge.context import SERVICES, SITE
from bot.web.edge.languages import choose, spoken
from storage.schema import now
from storage.tables import Link

_KEY = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII)
_LONGEST_NAME = 60


async def show(request: web.Request) -> web.Response:
    """The invitation, or the one dead page; a guest of this browser is taken to the chat."""
    _mind_the_rate(request)
    token = request.match_info["token"]
    guest = await guests.of_link(request, token)
    if guest and not guest.ended:
        watching.audited(request, "link.resumed", guest.link)
        return answers.see_other(request, _chat_of(guest.link))
    link = await request.app[SERVICES].links.look(token)
    if link and await _may_come(request, link):
        person = by_person(request)
        request.app[LOOKS].count(link.id, person=person)
        watching.audited(request, "link.opened" if person else "link.previewed", link)
        return await _shell(request, link)
    if guest:
        return guests.ended(request, guest)
    return missed(request)


async def start(request: web.Request) -> web.Response:
    """Uses up a session of the link, once for each key and each browser."""
    guards.still_open(request)
    found = await guards.fields(request)
    token = request.match_info["token"]
    if (guest := await guests.of_link(request, token)) and not guest.ended:
        watching.audited(request, "link.resumed", guest.link)
        return _opened(request, guest.link)
    _mind_the_rate(request)
    if complaint := await _complaint(request, token, found):
        await _denied(request, token, complaint.rpartition(".")[2])
        return await _ask_again(request, token, found, complaint)
    try:
        started = await _started(request, token, found)
    except WorkAsked as asked:
        await _denied(request, token, asked.code)
        return await _work_first(request, token, asked)
    except Denied as denied:
        await _denied(request, token, denied.code)
        return await _ask_again(request, token, found, denied, 403)
    if started is None:
        await _denied(request, token)
        return missed(request)
    response = _opened(request, started.link)
    cookies.give(request, response, started.link, started.secret)
    return response


async def looked_at(request: web.Request) -> Link | None:
    """The living link of this address, for what its page shows beside itself."""
    prefix = _prefix(request)
    answers.too_often(request, request.app[SITE].misses.wait(prefix))
    return await request.app[SERVICES].links.look(request.match_info["token"])


async def send_code(request: web.Request) -> web.Response:
    """To the one person whom the link is for; it opens the chat in this browser alone, and uses up nothing."""
    guards.still_open(request)
    found = await guards.fields(request)
    _mind_the_rate(request)
    token, key = request.match_info["token"], guards.text(found, "key")
    if not _KEY.fullmatch(key):
        return await _ask_again(request, token, found, "refused.reload")
    asking = {"ip": _prefix(request) or "", "language": spoken(request).language.code}
    try:
        sent = await request.app[SERVICES].links.send_code(token, key, **asking)
    except NotSent as failure:
        return await _ask_again(request, token, found, failure, 503)
    except Refused as failure:
        raise answers.refused(request, 429, failure) from None
    if not sent:
        return missed(request)
    if guards.is_json(request):
        return answers.answer(request, {}, 202)
    return await _ask_again(request, token, {**found, "code": " "}, "", 200)


async def _started(request: web.Request, token: str, found: guards.Fields) -> Started | None:
    links, name = request.app[SERVICES].links, _cleaned(guards.text(found, "name"))
    shown = {each: guards.text(found, each) for each in ("passcode", "code", "work")}
    caller = Caller(_prefix(request) or "", **shown, plain=not guards.is_json(request))
    if link := await links.look(token):
        choose(request, link.language)
    agreed = _agreed(request, link, await request.app[SERVICES].hosting.host(link)) if link else ""
    try:
        spoken_in = {"consent_text": agreed, "language": spoken(request).language.code}
        return await links.start(token, guards.text(found, "key"), name, True, caller=caller, **spoken_in)
    except Refused as failure:
        watching.guessed(request, failure, link.id if link else "")
        if isinstance(failure, Denied):
            raise
        await _denied(request, token, failure.code)
        if failure.code == "work_plain":
            raise answers.Refusal(await _wait_without_scripts(request, token, found, failure)) from None
        raise answers.refused(request, 429, failure) from None


async def _denied(request: web.Request, token: str, reason: str = "") -> None:
    """For the link's audit; without a ``reason`` it is that of the link itself."""
    if link := await request.app[SERVICES].links.known(token):
        watching.audited(request, "link.start_denied", link, reason or why_no_room(link, now()))


async def _shell(request: web.Request, link: Link, status: int = 200, **again: Any) -> web.Response:
    choose(request, link.language)
    host = await request.app[SERVICES].hosting.host(link)
    values: dict[str, Any] = {"key": secrets.token_urlsafe(24), "name": "", "consent": False, "sent": False}
    values |= {"complaint": "", "back": link.access in ADDRESSED and not has_room(link, now())} | again
    terms = await request.app[SERVICES].links.terms_in(link.workspace_id)
    values |= {"kept": terms.kept(link)}
    values |= {"may": allowed(link, request.app[SERVICES].links.terms.files)}
    values |= {"silence": silence(link), "agreed": _agreed(request, link, host), "to": _addressee(link)}
    # Relative to this page, or to the one that a form of it has led to.
    values["here"] = request.match_info["token"] + "/" if request.method == "GET" else ""
    values["face"] = f"{values['here']}host" if host.pictured else ""
    works = link.access == ANYONE
    return answers.page(request, "invitation.html", status, works=works, link=link, host=host, **values)


def _addressee(link: Link) -> str:
    """Whom the code goes to, for whoever looks: its owner knows it by that, and nobody learns it."""
    return masked(link.addressee) if link.access == MAIL else ""


def _agreed(request: web.Request, link: Link, host: Host) -> str:
    """What the guest ticks, as they read it; its hash is kept with the session."""
    words = spoken(request)
    agreed = words("invitation.agreed", named=bool(host.whole), who=host.whole)
    return f"{agreed} {words('invitation.channel')}" if link.follow_channel else agreed


async def _may_come(request: web.Request, link: Link) -> bool:
    """Somebody new, or the one person whom it is for, once more."""
    return has_room(link, now()) or await request.app[SERVICES].links.returning.awaits(link)


async def _complaint(request: web.Request, token: str, found: guards.Fields) -> str:
    """The key of what is to be said; empty when nothing is."""
    if not _KEY.fullmatch(guards.text(found, "key")):
        return "refused.reload"
    if found.get("consent") in (True, "yes"):
        return ""
    # Who comes back has agreed before.
    link = await request.app[SERVICES].links.look(token)
    back = link and not has_room(link, now()) and await request.app[SERVICES].links.returning.awaits(link)
    return "" if back else "refused.consent"


async def _ask_again(
    request: web.Request, token: str, found: guards.Fields, complaint: str | UserError, status: int = 422
) -> web.Response:
    """``complaint`` is the key of a text, or what a service refused; it is said in the link's own language."""
    if link := await request.app[SERVICES].links.look(token):
        choose(request, link.language)
    if isinstance(complaint, UserError):
        told = answers.whole(request, complaint)
    else:
        told = spoken(request)(complaint) if complaint else ""
    if guards.is_json(request):
        code = {403: "denied", 503: "not_sent"}.get(status, "form")
        return answers.answer(request, {"code": code, "text": told}, status)
    if link is None:
        return missed(request)
    key = guards.text(found, "key")
    typed: dict[str, Any] = {"key": key} if _KEY.fullmatch(key) else {}
    typed |= {"name": _cleaned(guards.text(found, "name")), "sent": bool(guards.text(found, "code"))}
    return await _shell(request, link, status, **typed, consent=found.get("consent") == "yes", complaint=told)


async def _work_first(request: web.Request, token: str, asked: WorkAsked) -> web.Response:
    """What the page calculates before it sends the same again, and what it says meanwhile."""
    if link := await request.app[SERVICES].links.look(token):
        choose(request, link.language)
    told = {"code": asked.code, "text": answers.whole(request, asked), "challenge": asked.challenge}
    said = spoken(request).handed("entry.work_doing", "entry.work_stop")
    return answers.answer(request, {**told, "words": said}, 403)


async def _wait_without_scripts(
    request: web.Request, token: str, found: guards.Fields, failure: Refused
) -> web.Response:
    response = await _ask_again(request, token, found, failure, 429)
    response.headers["Retry-After"] = str(failure.retry_after)
    return response


def _opened(request: web.Request, link: Link) -> web.Response:
    if guards.is_json(request):
        return answers.answer(request, {"chat": _chat_of(link)}, 201)
    return answers.see_other(request, _chat_of(link))


def _chat_of(link: Link) -> str:
    return f"/temp-chat/sessions/{link.id}/"


def missed(request: web.Request) -> web.Response:
    request.app[SITE].misses.count(_prefix(request))
    watching.noted(request, "probing")
    return guests.gone(request) if guards.is_json(request) else answers.dead(request)


def _mind_the_rate(request: web.Request) -> None:
    site, prefix = request.app[SITE], _prefix(request)
    answers.too_often(request, max(site.misses.wait(prefix), site.loads.wait(prefix)))
    site.loads.count(prefix)


def _prefix(request: web.Request) -> str | None:
    return callers.caller(request, request.app[SITE].proxies)


def _cleaned(name: str) -> str:
    """One line without controls or marks that turn the writing direction."""
    kept = "".join(each for each in unicodedata.normalize("NFC", name) if unicodedata.category(each)[0] != "C")
    return " ".join(kept.split())[:_LONGEST_NAME]
