"""One line a request, without the path: a path may hold a link's secret."""

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from bot.web import addresses
from bot.web.errors import template


class AccessLog(AbstractAccessLogger):
    """Route template, the link's id where there is one, and a caller too coarse to name a person."""

    @property
    def enabled(self) -> bool:
        return self.logger.isEnabledFor(20)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        link = request.match_info.get("link_id", "-") if isinstance(request, web.Request) else "-"
        caller = addresses.masked(addresses.address(request, ()))
        told = (request.method, template(request), response.status, response.body_length, time * 1000, link, caller)
        self.logger.info("%s %s %d %dB %.0fms link=%s from=%s", *told)
