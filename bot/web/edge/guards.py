"""What is checked of a POST before anything else, in this order: type, where it comes from, form token."""

import asyncio
import hmac
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.web.edge import answers, callers, cookies, watching
from bot.web.edge.context import SITE, STOPPING

Fields = Mapping[str, Any]
UPLOAD = "multipart/form-data"
TYPES = ("application/json", "application/x-www-form-urlencoded")
BODY_SECONDS = 15.0
"""For all of a body: whoever sends half of one would hold a connection for ever."""


def is_json(request: web.Request) -> bool:
    return request.content_type == "application/json"


def by_script(request: web.Request) -> bool:
    """A script of our page asks, and is answered in JSON; else the browser itself does, for a page."""
    return is_json(request) or (request.content_type == UPLOAD and not answers.wants_page(request))


async def fields(request: web.Request) -> Fields:
    """The body of a request from our own page, as JSON or as a form."""
    if request.content_type not in TYPES or (request.charset or "utf-8").lower() != "utf-8":
        raise answers.refusal(request, 415, "type")
    _check_origin(request)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            found = json.loads(await request.text()) if is_json(request) else dict(await request.post())
    except TimeoutError:
        raise answers.refusal(request, 408, "too_slow") from None
    except (ValueError, RecursionError, web.RequestPayloadError):
        found = None
    if not isinstance(found, dict):
        raise answers.refusal(request, 400, "body")
    return found


async def guest_fields(request: web.Request, secret: str) -> Fields:
    """As `fields`, and a form has to carry the token that only the guest's own pages hold."""
    found = await fields(request)
    if not is_json(request):
        check_form(request, secret, text(found, "form"))
    return found


def check_form(request: web.Request, secret: str, given: str) -> None:
    if not hmac.compare_digest(given.encode(errors="replace"), cookies.form_token(secret).encode()):
        watching.noted(request, "forged")
        raise answers.refusal(request, 403, "origin")


def check_upload(request: web.Request) -> None:
    """Before anything of it is read: a form with a file in it, from our own page; its token is checked as it comes."""
    if request.content_type != UPLOAD:
        raise answers.refusal(request, 415, "type")
    _check_origin(request)


def text(found: Fields, name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def texts(found: Fields, name: str) -> list[str]:
    """Several: a list, or in a form one text with commas."""
    value = found.get(name)
    several = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [each for each in several if isinstance(each, str) and each]


def still_open(request: web.Request) -> None:
    """Nothing new is begun while the server stops."""
    if request.app[STOPPING].is_set():
        raise answers.refusal(request, 503, "restart", retry_after=3)


def _check_origin(request: web.Request) -> None:
    # A form POST under no-referrer sends `Origin: null`, so the browser's own word comes first.
    site = request.headers.get("Sec-Fetch-Site")
    own = site == "same-origin" if site is not None else request.headers.get("Origin") == request.app[SITE].origin
    if not own:
        watching.noted(request, "forged")
        raise answers.refusal(request, 403, "origin")


def mind_the_misses(request: web.Request) -> None:
    """Raises `Refused` (429) while the caller's prefix has named too much that is not there."""
    site = request.app[SITE]
    answers.too_often(request, site.misses.wait(callers.caller(request, site.proxies)))
