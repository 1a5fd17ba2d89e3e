"""A guest's chat: the page, what the guest sends, and what the guest is told."""

import re
import secrets
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.errors import Refused, UserError
from bot.services import tokens
from bot.services.limits.refusals import refused
from bot.services.links import rating
from bot.services.links.hosting.values import ASKED
from bot.services.links.in_words import turned, why_over
from bot.services.links.results.outcomes import FORMS
from bot.services.links.uploads.values import AT_ONCE
from bot.services.links.values import Guest, silence
from bot.web.chat import guests, history, wire
from bot.web.chat.polls import poll
from bot.web.chat.streams import Stream, hello
from bot.web.edge import answers, callers, cookies, guards, watching
from bot.web.edge.context import ROOMS, SERVICES, SITE
from bot.web.edge.languages import spoken
from storage.schema import now

LONGEST = 4000
JUST_STARTED = timedelta(minutes=1)
"""The page that a start leads to is no coming back."""
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


async def page(request: web.Request) -> web.Response:
    if (guest := await guests.known(request)) is None:
        told = await guests.unknown(request)
        return told if answers.wants_page(request) else answers.dead(request)
    if guest.ended:
        return guests.ended(request, guest)
    guests.mind_the_rate(request, guest)
    if guest.session.messages or now() - guest.session.started_at > JUST_STARTED:
        watching.audited(request, "link.resumed", guest.link)
    return await _chat(request, guest, before=_before(request, guest))


async def older(request: web.Request) -> web.Response:
    """Earlier words, for a page that shows the newest."""
    guest = await guests.reader(request)
    page = await history.older(request.app[SERVICES], guest, spoken(request), _before(request, guest))
    return answers.answer(request, history.told(page))


async def say(request: web.Request) -> web.Response:
    guards.still_open(request)
    answers.too_often(request, request.app[SITE].refusals.wait(whose(request)))
    guest = await guests.live(request)
    found = await guards.guest_fields(request, cookies.secret(request, guest.link.id))
    text = guards.text(found, "text").strip()
    try:
        seq = await _say(request, guest, text, found)
    except UserError as failure:
        return await not_taken(request, guest, failure, text)
    watching.audited(request, "link.message", guest.link)
    if not guards.is_json(request):
        return answers.see_other(request, "./#end")
    return answers.answer(request, {"seq": wire.position(guest.conversation_id, seq)}, 202)


async def events(request: web.Request) -> web.StreamResponse:
    guest = await guests.required(request)
    after = _after(request, guest)
    if guest.ended and after is not None and not await request.app[SERVICES].links.log(guest, after, 1):
        return answers.nothing(request)
    guests.not_taken_back(request, guest)
    rooms, pace = request.app[ROOMS], request.app[SITE].pace
    if rooms.watching >= pace.streams or rooms.crowded(guest.conversation_id, pace.streams_each):
        raise answers.refusal(request, 429, "streams", retry_after=30)
    return await Stream(request, guest).run(after)


async def state(request: web.Request) -> web.Response:
    guest = await guests.reader(request)
    longest = request.app[SITE].pace.poll
    asked = request.query.get("wait", "0")
    wait = min(float(asked), longest) if asked.isdecimal() else 0.0
    told = await poll(request, guest, wire.seq_of(request.query.get("after", ""), guest.conversation_id), wait)
    answer = answers.answer(request, told | ({"ended": guest.reason} if guest.ended else {}))
    if not guest.ended:
        cookies.renew(request, answer, guest.link)
    return answer


async def stop(request: web.Request) -> web.Response:
    guest = await guests.live(request)
    await guards.guest_fields(request, cookies.secret(request, guest.link.id))
    await request.app[SERVICES].chats.stop(guest.workspace, guest.conversation_id)
    return _done(request)


async def person(request: web.Request) -> web.Response:
    """The guest would rather talk to their host."""
    guest = await guests.live(request)
    await guards.guest_fields(request, cookies.secret(request, guest.link.id))
    try:
        name = await request.app[SERVICES].hosting.ask_for_person(guest)
    except UserError as failure:
        return await not_taken(request, guest, failure, "")
    if not guards.is_json(request):
        return answers.see_other(request, "./#end")
    return answers.answer(request, {"text": turned({"state": ASKED, "name": name}, spoken(request))})


async def rate(request: web.Request) -> web.Response:
    """What the guest thinks of an answer; a page without scripts says it by the button's own name."""
    guest = await guests.live(request)
    found = await guards.guest_fields(request, cookies.secret(request, guest.link.id))
    pressed = next((name for name in ("up", "down") if name in found), "")
    turn = guards.text(found, pressed or "turn")
    services = request.app[SERVICES]
    try:
        await rating.rate(services.db, services.bus, guest, turn, pressed or guards.text(found, "verdict"))
    except UserError as failure:
        return await not_taken(request, guest, failure, "")
    return _done(request)


async def end(request: web.Request) -> web.Response:
    guest = await guests.live(request)
    await guards.guest_fields(request, cookies.secret(request, guest.link.id))
    await request.app[SERVICES].links.end(guest)
    over = {"ended": "guest", "text": why_over("guest", spoken(request))}
    response = answers.answer(request, over) if guards.is_json(request) else guests.over(request, guest, "guest", 200)
    cookies.take_back(request, response, guest.link.id)
    return response


async def transcript(request: web.Request) -> web.Response:
    """A file to keep, as text, Markdown or JSON; not after the host took the chat back."""
    guest = await guests.reader(request)
    name = request.query.get("form", "text")
    if (form := FORMS.get(name)) is None:
        raise answers.refusal(request, 400, "form")
    text = await request.app[SERVICES].links.outcomes.transcript(guest, name, spoken(request))
    attached = {"Content-Disposition": f'attachment; filename="chat.{form.ending}"'}
    return answers.plain(request, text, f"{form.mime}; charset=utf-8", **attached)


async def _chat(
    request: web.Request, guest: Guest, status: int = 200, before: int = wire.LARGEST, **again: str
) -> web.Response:
    services, words = request.app[SERVICES], spoken(request)
    whole = before == wire.LARGEST
    log = await (history.newest(services, guest, words) if whole else history.older(services, guest, words, before))
    await history.written(log)
    draft = log.last_question if "edit" in request.query and log.may_edit else ""
    values: dict[str, Any] = {"complaint": "", "draft": draft} | again
    values |= {"client_id": secrets.token_urlsafe(12), "longest": LONGEST, "clock": hello(guest)}
    values |= {"form": cookies.form_token(cookies.secret(request, guest.link.id))}
    after = wire.position(guest.conversation_id, log.last)
    values |= {"kept": (await services.links.terms_in(guest.workspace)).kept(guest.link)}
    host = await services.hosting.host(guest.link)
    uploads = services.links.uploads
    values |= {"may": uploads.allowed(guest), "waiting": await uploads.waiting(guest), "at_once": AT_ONCE}
    values |= {"silence": silence(guest.link), "host": host, "face": "host" if host.pictured else ""}
    shown = answers.page(request, "chat.html", status, guest=guest, log=log, after=after, **values)
    cookies.renew(request, shown, guest.link)
    return shown


async def _say(request: web.Request, guest: Guest, text: str, found: guards.Fields) -> int:
    client_id, files = guards.text(found, "client_id"), guards.texts(found, "files")
    if files and not text:  # a picture says it by itself
        text = await _names(request, guest, files)
    if not text or not _CLIENT_ID.fullmatch(client_id):
        raise refused("empty")
    if len(text) > LONGEST:
        raise refused("too_long", most=LONGEST, has=len(text))
    prefix = callers.caller(request, request.app[SITE].proxies) or ""
    said = await request.app[SERVICES].chats.say_as_guest(guest, text, client_id, prefix=prefix, files=files)
    return said.seq


async def _names(request: web.Request, guest: Guest, files: list[str]) -> str:
    waiting = await request.app[SERVICES].links.uploads.waiting(guest)
    return ", ".join(each.name for each in waiting if each.id in files) or "…"


def whose(request: web.Request) -> str:
    """By the cookie alone, so that a flood is known without a question to the database."""
    return tokens.at_rest(cookies.secret(request, request.match_info["link_id"])).hex()


async def not_taken(request: web.Request, guest: Guest, failure: UserError, text: str) -> web.Response:
    status = 409 if answers.retry_after(failure) is None else 429
    request.app[SITE].refusals.count(whose(request))
    if isinstance(failure, Refused):
        watching.audited(request, "link.limited", guest.link, failure.code)
    if guards.by_script(request):
        raise answers.refused(request, status, failure)
    return await _chat(request, guest, status, complaint=answers.whole(request, failure), draft=text)


def _before(request: web.Request, guest: Guest) -> int:
    """Without a place in this very log it is the newest that is wanted."""
    return wire.seq_of(request.query.get("before", ""), guest.conversation_id) or wire.LARGEST


def _after(request: web.Request, guest: Guest) -> int | None:
    # The header wins: a reconnecting EventSource repeats the first, stale query string.
    given = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    return wire.seq_of(given, guest.conversation_id)


def _done(request: web.Request) -> web.Response:
    return answers.answer(request, {}) if guards.is_json(request) else answers.see_other(request, "./#end")
