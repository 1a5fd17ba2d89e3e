"""The outermost edge: whatever goes wrong leaves with our headers and in words for people."""

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.edge import answers, watching
from bot.web.edge.languages import spoken
from storage.engines.engine import is_away
from storage.engines.room import is_full

log = logging.getLogger(__name__)
_AWAY_SECONDS = 5
_WORDS = {405: "refused.not_here", 413: "refused.too_much"}


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    watching.tell_of_proxy(request)
    try:
        return await handler(request)
    except answers.Refusal as refused:
        return refused.response
    except web.HTTPNotFound:
        return answers.dead(request)
    except web.HTTPException as problem:
        return _told(request, problem)
    except Exception as error:
        if _left(request):
            raise  # Nobody is there to be told.
        # By template, for the path itself may hold a secret.
        if is_away(error):
            full = is_full(error)
            if not full:  # of that the log says it once
                log.warning("%s %s: the database is away (%s)", request.method, template(request), type(error).__name__)
            text = spoken(request)("refused.no_room") if full else ""
            return answers.refusal(request, 503, "away", text, retry_after=_AWAY_SECONDS).response
        log.exception("%s %s failed", request.method, template(request))
        return answers.refusal(request, 500, "error").response


def _left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _told(request: web.Request, problem: web.HTTPException) -> web.Response:
    told = spoken(request)(_WORDS.get(problem.status, "refused.not_understood"))
    response = answers.refusal(request, problem.status, "request", told).response
    if "Allow" in problem.headers:
        response.headers["Allow"] = problem.headers["Allow"]
    return response


def template(request: web.BaseRequest) -> str:
    """The route that was matched, such as ``/temp-chat/{token}``; never what stood in its place."""
    found = matched(request)
    resource = found.route.resource if found is not None else None
    return (resource.canonical if resource is not None else "") or "(no such path)"


def matched(request: web.BaseRequest) -> web.UrlMappingMatchInfo | None:
    """None for what could not even be parsed: asked for its match, such a request raises."""
    return getattr(request, "_match_info", None)
