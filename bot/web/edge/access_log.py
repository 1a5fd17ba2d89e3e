"""One line a request, without the path: a path may hold a link's secret."""

import logging
import re

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from bot.services.links.values import short
from bot.web.edge import callers
from bot.web.edge.context import SITE
from bot.web.edge.errors import matched, template

_ID = re.compile(r"[0-9a-f-]{36}", re.ASCII)


class AccessLog(AbstractAccessLogger):
    """Route template, the end of the link's id where there is one, and a caller too coarse to name a person."""

    @property
    def enabled(self) -> bool:
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        link, proxies = "-", callers.networks(())
        if (match := matched(request)) is not None:
            link, proxies = _id(match.get("link_id", "")), match.apps[-1][SITE].proxies
        caller = callers.masked(callers.address(request, proxies))
        told = (request.method, template(request), response.status, response.body_length, time * 1000, link, caller)
        self.logger.info("%s %s %d %dB %.0fms link=%s from=%s", *told)


def _id(text: str) -> str:
    """What stands in the path may be anything, a line break too."""
    return short(text) if _ID.fullmatch(text) else "-"
