"""The interface's own app, to hang under its prefix: what is not there is a problem too, in its own form."""

import json

from aiohttp import web

from bot.web.api.answering import handler
from bot.web.api.describing import description
from bot.web.api.operations import Operation
from bot.web.api.problems import as_problems
from bot.web.api.resources import (
    agents,
    analytics,
    audit,
    budgets,
    connections,
    links,
    minding,
    myself,
    outcomes,
    permissions,
)
from bot.web.edge import answers, headers
from bot.web.edge.context import ASSETS, SECURITY, SERVICES, SITE, STOPPING

OPERATIONS: tuple[Operation, ...] = (
    *myself.OPERATIONS,
    *connections.OPERATIONS,
    *links.OPERATIONS,
    *minding.OPERATIONS,
    *outcomes.OPERATIONS,
    *agents.OPERATIONS,
    *permissions.OPERATIONS,
    *budgets.OPERATIONS,
    *analytics.OPERATIONS,
    *audit.OPERATIONS,
)


def made(app: web.Application) -> web.Application:
    """To hang under ``app``, with what that shares; its own errors, not pages."""
    inner = web.Application(middlewares=[as_problems])
    inner[SERVICES], inner[SITE], inner[ASSETS] = app[SERVICES], app[SITE], app[ASSETS]
    inner[STOPPING], inner[SECURITY] = app[STOPPING], app[SECURITY]
    for each in OPERATIONS:
        inner.router.add_route(each.method, each.route, handler(each))
    inner.router.add_get("/openapi.json", _described, allow_head=False)
    inner.router.add_get("/docs", _documented, allow_head=False)
    inner.pre_freeze()
    return inner


async def _described(request: web.Request) -> web.Response:
    site = request.app[SITE]
    text = json.dumps(description(OPERATIONS, site.base_url), ensure_ascii=False, indent=1)
    sent = headers.answer(site.https) | {"Content-Type": "application/json; charset=utf-8"}
    return web.Response(text=text, headers=sent)


async def _documented(request: web.Request) -> web.Response:
    told = description(OPERATIONS, request.app[SITE].base_url)
    return answers.page(request, "api/docs.html", told=told)
