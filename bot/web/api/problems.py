"""What goes wrong, as RFC 9457 has it: everywhere under /api/v1, what aiohttp itself refuses included."""

import logging
import math
from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, Field

from bot.errors import FormError, NotFound, NotYours, Refused, UserError
from bot.web.edge import headers
from bot.web.edge.context import SITE
from bot.web.edge.errors import template
from storage.engines.endings import InDoubt
from storage.engines.engine import is_away
from storage.engines.room import is_full

PROBLEM = "application/problem+json"
STATUSES: Mapping[int, str] = {
    400: "Malformed",
    401: "No valid token",
    403: "Not allowed by this token",
    404: "Not found",
    405: "No such method here",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Not JSON",
    422: "Not acceptable",
    429: "Too many requests",
    500: "Failed",
    503: "Not now",
}
AWAY_SECONDS = 5
LOOK_FIRST = "It may have happened: look before you ask again."
NO_ROOM = "Nothing was done: the disk that this Usher keeps things on is full. Try again later."
log = logging.getLogger(__name__)


class Wrong(BaseModel):
    """A field, and what is wrong with it."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457; ``errors`` names each field that is wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[Wrong] = Field(default_factory=list)


class Refusal(Exception):
    """An answer to be given instead of going on."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        errors: Mapping[str, str] | None = None,
        sent: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status)
        wrong = [Wrong(field=field, message=told) for field, told in (errors or {}).items()]
        self.problem = Problem(title=STATUSES[status], status=status, detail=detail, errors=wrong)
        self.sent = dict(sent or {})


def refusal_of(error: UserError) -> Refusal:
    """What a service refused."""
    match error:
        case FormError():
            return Refusal(422, "Some fields are not acceptable.", error.errors)
        case NotFound() | NotYours():  # the same for what is not there and for what is another's
            return Refusal(404, str(error))
        case Refused() if error.retry_after is not None:
            return too_many(error.retry_after, str(error))
        case _:
            return Refusal(409, str(error))


def too_many(seconds: float, detail: str) -> Refusal:
    return Refusal(429, detail, sent={"Retry-After": str(max(1, math.ceil(seconds)))})


@web.middleware
async def as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refused:
        return _answer(request, refused)
    except UserError as refused:
        return _answer(request, refusal_of(refused))
    except web.HTTPException as problem:
        allowed = {"Allow": problem.headers["Allow"]} if "Allow" in problem.headers else {}
        return _answer(request, Refusal(problem.status if problem.status in STATUSES else 400, sent=allowed))
    except Exception as error:
        if request.transport is None or request.transport.is_closing():
            raise  # Nobody is there to be told.
        if is_away(error):
            full = is_full(error)
            if not full:  # of that the log says it once
                log.warning("%s %s: the database is away (%s)", request.method, template(request), type(error).__name__)
            why = LOOK_FIRST if isinstance(error, InDoubt) else NO_ROOM if full else "Try again later."
            return _answer(request, Refusal(503, why, sent={"Retry-After": str(AWAY_SECONDS)}))
        log.exception("%s %s failed", request.method, template(request))
        return _answer(request, Refusal(500, LOOK_FIRST))


def _answer(request: web.Request, refused: Refusal) -> web.Response:
    sent = headers.answer(request.app[SITE].https) | {"Content-Type": PROBLEM} | refused.sent
    return web.Response(text=refused.problem.model_dump_json(), status=refused.problem.status, headers=sent)
