"""The sidecar: its routes, what they share, and how it starts and stops."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from bot.services.watch.security_events import SecurityEvents
from bot.services.watch.tallies import Tallies
from bot.web import guides, health, inside, members, new_tokens, tickets
from bot.web.api import door as api
from bot.web.chat import deleting, faces, files, host_reading, invitations, moving, routes
from bot.web.chat.looks import LOOKS, Looks
from bot.web.chat.made_html import forgetting
from bot.web.edge import accents, headers, static_files
from bot.web.edge.access_log import AccessLog
from bot.web.edge.assets import Assets
from bot.web.edge.callers import networks
from bot.web.edge.context import (
    ASSETS,
    CROWD,
    ROOMS,
    SECURITY,
    SERVICES,
    SITE,
    STOPPING,
    TALLIES,
    Monitoring,
    Pace,
    Site,
    WebServices,
)
from bot.web.edge.crowd import Crowd
from bot.web.edge.errors import in_words
from bot.web.edge.uploads import ARRIVING, Arriving
from bot.web.edge.watching import TOLD, storing
from bot.web.live_viewers import LiveViewers
from bot.web.mcp import door
from bot.web.signing_in import oauth, slack_install, slack_sign_in

ACCENT = "accent.css"
_LARGEST_BODY = 64 * 1024
_UNREAD_MILLISECONDS = 30_000
_GOODBYE_SECONDS = 0.4
"""aiohttp spends it twice; every stream is woken before."""
_LINGERING_SECONDS = 3.0
"""For what is still on its way of a body that was refused unread."""


def make_app(
    services: WebServices,
    *,
    base_url: str,
    trusted_proxies: Sequence[str] = (),
    pace: Pace | None = None,
    monitoring: Monitoring | None = None,
    accent: str = "",
) -> web.Application:
    """``base_url`` is where guests reach it: https, or http on loopback (ValueError otherwise).

    ``accent`` is a colour of its own, such as «#1d6b63». Where ``monitoring`` is apart it answers neither /readyz nor
    /metrics: `inside.apart` does.
    """
    app = web.Application(middlewares=[in_words], client_max_size=_LARGEST_BODY)
    app[SERVICES] = services
    proxies = networks(list(trusted_proxies))
    app[SITE] = Site(base_url, proxies, pace or Pace(), monitoring=monitoring or Monitoring(), accent=accent)
    app[ASSETS] = Assets(made={ACCENT: accents.stylesheet(accent)} if accent else {})
    app[ROOMS] = LiveViewers(services.bus)
    app[LOOKS] = Looks(services.links.outcomes)
    app[STOPPING] = asyncio.Event()
    app[TOLD] = set()
    app[CROWD] = Crowd(app[SITE].proxies)
    app[ARRIVING] = Arriving()
    app[SECURITY] = services.security or SecurityEvents(services.db, services.bus)
    app[TALLIES] = Tallies(services.db)
    app.cleanup_ctx.append(storing)
    app.cleanup_ctx.append(forgetting)
    app.cleanup_ctx.append(_looking)
    app.add_routes(_routes())
    api.hang(app)
    if services.mcp:
        door.hang(app, services.mcp, services.slackbot)
    app.on_response_prepare.append(_fill_in)
    app.on_response_prepare.append(_wait_so_long)
    app.on_shutdown.append(_say_goodbye)
    app.on_cleanup.append(_close)
    return app


async def _looking(app: web.Application) -> AsyncIterator[None]:
    """As often as an idle page hears that it is still heard."""
    looking = app[ROOMS].look_on(app[SERVICES].db, app[SITE].pace.heartbeat)
    task = asyncio.create_task(looking, name="what open pages lack")
    yield
    task.cancel()
    await asyncio.wait({task})


def _routes() -> list[web.RouteDef]:
    session = "/temp-chat/sessions/{link_id}"
    return [
        web.get(moving.PATH, moving.show),
        web.post(moving.PATH, moving.take),
        web.get("/temp-chat/{token}", invitations.show),
        web.post("/temp-chat/{token}/start", invitations.start),
        web.get("/temp-chat/{token}/host", faces.of_link, allow_head=False),
        web.post("/temp-chat/{token}/code", invitations.send_code),
        # Under the path of the real streams: what a proxy does to those, it does to this one.
        web.get("/temp-chat/sessions/doctor/events", health.doctor, allow_head=False),
        # Those of a link are tried in their order: what each turn asks for comes first.
        web.post(session + "/messages", routes.say),
        # aiohttp would serve HEAD with the same handler, holding it open and sending the body.
        web.get(session + "/events", routes.events, allow_head=False),
        web.get(session + "/", routes.page),
        web.get(session + "/host", faces.of_chat, allow_head=False),
        web.get(session + "/app.webmanifest", faces.manifest, allow_head=False),
        web.post(session + "/files", files.attach),
        web.get(session + "/files/{file_id}", files.show, allow_head=False),
        web.post(session + "/files/{file_id}/remove", files.remove),
        web.get(session + "/state", routes.state, allow_head=False),
        web.get(session + "/older", routes.older, allow_head=False),
        web.post(session + "/stop", routes.stop),
        web.post(session + "/person", routes.person),
        web.post(session + "/rating", routes.rate),
        web.post(session + "/move", moving.offer),
        web.post(session + "/end", routes.end),
        web.post(session + "/delete", deleting.delete),
        web.get(session + "/transcript", routes.transcript),
        web.get("/transcripts/{ticket}", host_reading.show),
        web.post("/transcripts/{ticket}", host_reading.read),
        web.get("/transcripts/{ticket}/files/{file_id}", host_reading.file, allow_head=False),
        web.get("/connect/{ticket}", tickets.show),
        web.post("/connect/{ticket}", tickets.finish),
        web.get("/connect/{ticket}/picture", members.picture),
        web.get("/tokens/{ticket}", new_tokens.show),
        web.post("/tokens/{ticket}", new_tokens.make),
        *oauth.routes(),
        web.post(slack_sign_in.START, slack_sign_in.start),
        web.get(slack_sign_in.CALLBACK, slack_sign_in.finish, allow_head=False),
        *slack_install.routes(),
        web.get("/assets/{path:.+}", static_files.show),
        web.get("/notices", static_files.notices),
        *guides.routes(),
        web.get("/healthz", health.lives),
        *inside.routes(),
    ]


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """The app on its port, which is given back (0 asks for a free one); open streams do not hold up the stop."""
    runner = web.AppRunner(
        app,
        access_log_class=AccessLog,
        handler_cancellation=True,
        keepalive_timeout=75,
        shutdown_timeout=_GOODBYE_SECONDS,
        lingering_time=_LINGERING_SECONDS,
    )
    await runner.setup()
    app[CROWD].watch(runner)
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _fill_in(request: web.Request, response: web.StreamResponse) -> None:
    """The headers of every answer, for those that were not made by us."""
    response.headers.update(headers.everywhere(request.app[SITE].https))


async def _wait_so_long(request: web.Request, response: web.StreamResponse) -> None:
    """What a caller asks for and never reads is ours to keep: the kernel gives up such a caller."""
    if request.transport is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MILLISECONDS)


async def _say_goodbye(app: web.Application) -> None:
    app[STOPPING].set()
    app[ROOMS].clear("restart")


async def _close(app: web.Application) -> None:
    await app[LOOKS].close()
    await app[ROOMS].close()
