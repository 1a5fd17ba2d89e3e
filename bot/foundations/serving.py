"""The sidecar at its addresses: the pages' own, and one for those inside where it is set."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from aiohttp import web

from bot.foundations.chat_links import base_url
from bot.foundations.foundations import plain
from bot.running.database import CannotStart
from bot.settings import Settings
from bot.web import inside
from bot.web.edge.context import Monitoring, WebServices
from bot.web.server import make_app, serving


async def serve_pages(
    settings: Settings, house: AsyncExitStack, services: WebServices, slack: Sequence[web.RouteDef]
) -> None:
    """``slack`` are the routes by which Slack sends events. Raises CannotStart when an address is taken."""
    place = settings.monitoring_place
    app = make_app(
        services,
        base_url=base_url(settings),
        trusted_proxies=settings.trusted_proxies,
        monitoring=Monitoring(place is not None, plain(settings.monitoring_token) or ""),
        accent=settings.tempchat_accent or "",
    )
    app.add_routes(slack)
    if place is not None:
        named = f"MONITORING_ADDRESS {settings.monitoring_address}"
        await _listen(house, inside.apart(app), *place, named, "Set another")
    host, port = settings.host, settings.port
    await _listen(house, app, host, port, f"HOST {host}, PORT {port}", "Set PORT to a free one")


async def _listen(house: AsyncExitStack, app: web.Application, host: str, port: int, named: str, cure: str) -> None:
    try:
        await house.enter_async_context(serving(app, host, port))
    except OSError as error:
        told = f"{named} cannot be listened on ({error.strerror or error})"
        raise CannotStart(f"{told}. {cure}, or end the program that has it.") from error
