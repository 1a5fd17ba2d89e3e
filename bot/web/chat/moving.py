"""A chat goes on on another device: the code that is shown on one, and the page that takes it on the other."""

import re
import secrets
from itertools import groupby
from typing import Any

from aiohttp import web

from bot.errors import Refused
from bot.services.links.admission.values import Denied
from bot.web.chat import guests
from bot.web.edge import answers, callers, cookies, guards, watching
from bot.web.edge.context import SERVICES, SITE

PATH = "/temp-chat/continue"
_KEY = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII)


async def offer(request: web.Request) -> web.Response:
    """The code, as text and as a picture; nothing has moved yet."""
    guest = await guests.live(request)
    await guards.guest_fields(request, cookies.secret(request, guest.link.id))
    try:
        code = await request.app[SERVICES].links.moving.offer(guest)
    except Refused as failure:
        raise answers.refused(request, 429, failure) from None
    address = request.app[SITE].base_url.rstrip("/") + PATH
    # Behind the #, which browsers keep to themselves: no log on the way holds a code.
    size, drawn = _picture(f"{address}#{code}")
    shown = address.partition("//")[2]
    values: dict[str, Any] = {"code": code, "address": shown, "size": size, "drawn": drawn, "title": guest.link.title}
    return answers.page(request, "moving/move.html", **values)


async def show(request: web.Request) -> web.Response:
    _mind_the_rate(request)
    return _form(request)


async def take(request: web.Request) -> web.Response:
    """By a press alone: whoever merely looks at the page moves nothing."""
    guards.still_open(request)
    found = await guards.fields(request)
    code, key = guards.text(found, "code"), guards.text(found, "key")
    if not _KEY.fullmatch(key):
        return _form(request, 422)
    ip = callers.caller(request, request.app[SITE].proxies) or ""
    try:
        moved = await request.app[SERVICES].links.moving.take(code, key, ip)
    except Denied as denied:
        watching.guessed(request, denied)
        return _form(request, 403, answers.whole(request, denied))
    except Refused as failure:
        watching.guessed(request, failure)
        raise answers.refused(request, 429, failure) from None
    response = answers.see_other(request, f"/temp-chat/sessions/{moved.link.id}/")
    cookies.give(request, response, moved.link, moved.secret)
    return response


def _form(request: web.Request, status: int = 200, complaint: str = "") -> web.Response:
    return answers.page(request, "moving/continue.html", status, key=secrets.token_urlsafe(24), complaint=complaint)


def _mind_the_rate(request: web.Request) -> None:
    site = request.app[SITE]
    prefix = callers.caller(request, site.proxies)
    answers.too_often(request, site.loads.wait(prefix))
    site.loads.count(prefix)


def _picture(text: str) -> tuple[int, str]:
    """Its width in squares, a margin included, and its dark squares as the path of an SVG."""
    import segno  # loaded with the first code

    lines = list(segno.make_qr(text, error="m").matrix_iter(border=4))
    drawn = []
    for y, line in enumerate(lines):
        for dark, run in groupby(enumerate(line), key=lambda each: each[1]):
            squares = list(run)
            if dark:
                drawn.append(f"M{squares[0][0]} {y}h{len(squares)}v1h-{len(squares)}z")
    return len(lines), "".join(drawn)
