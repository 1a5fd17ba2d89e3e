"""One line a request, without the path: a path may hold a link's secret."""

import logging

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from bot.web import addresses
from bot.web.errors import template
from bot.web.parts import SITE


class AccessLog(AbstractAccessLogger):
    """Route template, the link's id where there is one, and a caller too coarse to name a person."""

    @property
    def enabled(self) -> bool:
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        link, proxies = "-", addresses.networks(())
        if isinstance(request, web.Request):
            link, proxies = request.match_info.get("link_id", "-"), request.app[SITE].proxies
        caller = addresses.masked(addresses.address(request, proxies))
        told = (request.method, template(request), response.status, response.body_length, time * 1000, link, caller)
        self.logger.info("%s %s %d %dB %.0fms link=%s from=%s", *told)
