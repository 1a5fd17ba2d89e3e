"""The sidecar at its addresses: the pages' own, and one for those inside where it is set."""

import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from urllib.parse import urlsplit

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.foundations.access import outside_server, slackbot_door
from bot.foundations.chat_links import base_url
from bot.foundations.foundations import plain
from bot.readiness import Ready, Signs
from bot.running.database import CannotStart
from bot.running.loop_watch import LoopWatch
from bot.services.watch.security_events import SecurityEvents
from bot.settings import Settings
from bot.slack.services import Services
from bot.web import inside
from bot.web.edge.context import LOOPBACK, Monitoring, WebServices
from bot.web.server import make_app, serving

UNNAMED = (
    "PUBLIC_BASE_URL is https and HOST is %s, so a proxy on this machine passes guests on: name it in TRUSTED_PROXIES, \
or limits count all guests as one"
)
log = logging.getLogger("usher")


def web_services(
    settings: Settings, services: Services, client: AsyncWebClient, ready: Ready, signs: Signs, watch: LoopWatch
) -> WebServices:
    s, url = services, base_url(settings)
    doors, mcp = (s.links, s.chats, s.hosting, s.connections), partial(outside_server, s, client, url)
    slackbot = slackbot_door(s, client, url, plain(settings.slack_signing_secret))
    security = SecurityEvents(s.db, s.bus, signs.key)
    return WebServices(*doors, s.db, s.bus, ready, signs.answer, security, watch, s.new_tokens, mcp, slackbot)


async def serve_pages(
    settings: Settings, house: AsyncExitStack, services: WebServices, slack: Sequence[web.RouteDef]
) -> None:
    """``slack`` are the routes by which Slack sends events. Raises CannotStart when an address is taken."""
    if _behind_unnamed_proxy(settings):
        log.warning(UNNAMED, settings.host)
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


def _behind_unnamed_proxy(settings: Settings) -> bool:
    """Guests come by https to an address of this machine alone: some proxy here passes them on."""
    here = settings.host in LOOPBACK and settings.public_base_url is not None
    return here and urlsplit(base_url(settings)).scheme == "https" and not settings.trusted_proxies


async def _listen(house: AsyncExitStack, app: web.Application, host: str, port: int, named: str, cure: str) -> None:
    try:
        await house.enter_async_context(serving(app, host, port))
    except OSError as error:
        told = f"{named} cannot be listened on ({error.strerror or error})"
        raise CannotStart(f"{told}. {cure}, or end the program that has it.") from error
