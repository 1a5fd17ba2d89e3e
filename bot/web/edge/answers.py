"""Pages and answers, each with its headers; one dead answer for every link that opens nothing."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.errors import Refused, UserError
from bot.web.edge import headers, watching
from bot.web.edge.context import ASSETS, SITE
from bot.web.edge.languages import asked_for, spoken

if TYPE_CHECKING:
    from jinja2 import Environment


class Refusal(Exception):
    """An answer to be given instead of going on."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


def page(
    request: web.Request, template: str, status: int = 200, *, leads_to: str = "", works: bool = False, **values: Any
) -> web.Response:
    """``leads_to`` is where its form may go on to, beside ourselves; ``words`` other than the request's own.

    One that ``works`` may start a worker.
    """
    told = {"words": spoken(request), "assets": request.app[ASSETS]} | values
    text = _templates().get_template(template).render(told)
    return web.Response(text=text, status=status, headers=headers.page(request.app[SITE].https, leads_to, works))


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def dead(request: web.Request) -> web.Response:
    """The same for a link that is unknown, malformed, expired, revoked or full."""
    return page(request, "dead.html", 404, words=asked_for(request))


def answer(request: web.Request, body: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers=headers.answer(request.app[SITE].https), dumps=_compact)


def nothing(request: web.Request, status: int = 204) -> web.Response:
    return web.Response(status=status, headers=headers.answer(request.app[SITE].https))


def see_other(request: web.Request, location: str) -> web.Response:
    """After a form: what it led to, so that a reload does not send it again."""
    sent = headers.answer(request.app[SITE].https) | {"Location": location}
    return web.Response(status=303, headers=sent)


def plain(request: web.Request, text: str, content_type: str, **extra: str) -> web.Response:
    sent = headers.answer(request.app[SITE].https) | {"Content-Type": content_type} | extra
    return web.Response(text=text, headers=sent)


def refusal(request: web.Request, status: int, code: str, text: str = "", retry_after: float | None = None) -> Refusal:
    """JSON for a script, a page for a person; with the seconds after which it is worth trying again.

    Without a ``text`` it says what stands under the ``code`` in the catalogue. A script is told the limit by itself
    too, since what is said of the time is true only when it is said.
    """
    limit = text or spoken(request)(f"refused.{code}")
    seconds = None if retry_after is None else max(1, math.ceil(retry_after))
    told = _with_wait(request, limit, seconds)
    if wants_page(request):
        response = page(request, "refused.html", status, text=told)
    else:
        response = answer(request, {"code": code, "text": told, "limit": limit, "retry_after": seconds}, status)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return Refusal(response)


def refused(request: web.Request, status: int, failure: UserError) -> Refusal:
    """What a service refused, in the guest's language."""
    code = failure.code if isinstance(failure, Refused) else "refused"
    return refusal(request, status, code, _limit(request, failure), retry_after(failure))


def whole(request: web.Request, failure: UserError) -> str:
    """All of it in one text, for a page."""
    return _with_wait(request, _limit(request, failure), retry_after(failure))


def retry_after(failure: UserError) -> float | None:
    return failure.retry_after if isinstance(failure, Refused) else None


def _limit(request: web.Request, failure: UserError) -> str:
    words = spoken(request)
    if isinstance(failure, Refused) and words.knows(f"refused.{failure.code}"):
        return words(f"refused.{failure.code}", **failure.values)
    return str(failure)


def _with_wait(request: web.Request, limit: str, seconds: float | None) -> str:
    if seconds is None:
        return limit
    return f"{limit} {spoken(request)('refused.again', wait=timedelta(seconds=seconds))}"


def too_often(request: web.Request, wait: float) -> None:
    if wait > 0:
        watching.noted(request, "flood")
        raise refusal(request, 429, "too_often", retry_after=wait)


def wants_page(request: web.Request) -> bool:
    return request.content_type != "application/json" and "text/html" in request.headers.get("Accept", "")


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
