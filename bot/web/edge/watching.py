"""What looks like an attack, and what the audit of a link counts, is noted as it happens and stored in bundles."""

import asyncio
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from bot.errors import Refused
from bot.services.links.admission.values import Denied
from bot.web.edge import callers
from bot.web.edge.context import SECURITY, SITE, TALLIES
from storage.bus.bus import within
from storage.engines.engine import TROUBLE
from storage.tables import Link

EVERY = 5.0
"""Seconds; what a process that is killed had noted since is lost."""

MOST_TOLD = 10
TOLD = web.AppKey("told", set[str])
"""The proxies that were told of."""
_GUESSES = frozenset({"passcode", "moves"})
"""Limits that are met by guessing alone."""

log = logging.getLogger(__name__)


def noted(request: web.Request, kind: str, link_id: str = "", ticket: str = "") -> None:
    """Of one of `security_events.KINDS`; whose it is says the link or the ticket in its address, where one is."""
    proxies = request.app[SITE].proxies
    address, network = callers.address(request, proxies), callers.caller(request, proxies)
    link = link_id or request.match_info.get("link_id", "")
    request.app[SECURITY].note(
        kind, callers.masked(address), network or "", link[:36], ticket or request.match_info.get("ticket", "")
    )


def tell_of_proxy(request: web.Request) -> None:
    """Once for each that speaks for others and was not named; `usher doctor` says the same."""
    peer = callers.unnamed_proxy(request, request.app[SITE].proxies)
    if peer and peer not in (told := request.app[TOLD]) and len(told) < MOST_TOLD:
        told.add(peer)
        log.warning("%s forwards requests and is not in TRUSTED_PROXIES: limits count all behind it as one", peer)


def guessed(request: web.Request, refused: Refused, link_id: str = "") -> None:
    """What a guest has shown to be let in was refused: wrong, used up, or one of too many."""
    kind = refused.attack if isinstance(refused, Denied) else "passcode" if refused.code in _GUESSES else ""
    if kind:
        noted(request, kind, link_id)


def audited(request: web.Request, action: str, link: Link, reason: str = "") -> None:
    """Of `link_actions.COUNTED`."""
    network = callers.masked(callers.address(request, request.app[SITE].proxies))
    request.app[TALLIES].note(action, link, reason, "" if network == "-" else network)


async def storing(app: web.Application) -> AsyncIterator[None]:
    """For aiohttp's ``cleanup_ctx``."""
    over = asyncio.Event()
    task = asyncio.create_task(_store_on(app, over), name="security events")
    yield
    over.set()  # cancelled while it commits, it would store the same once more
    await asyncio.wait({task})
    await _store(app)


async def _store_on(app: web.Application, over: asyncio.Event) -> None:
    while not await within(EVERY, over):
        await _store(app)


async def _store(app: web.Application) -> None:
    for noted in (app[SECURITY], app[TALLIES]):
        try:
            await noted.store()
        except TROUBLE as error:
            log.warning("%s are stored later: %s", type(noted).__name__, type(error).__name__)
