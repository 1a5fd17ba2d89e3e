"""What looks like an attack is noted as it is refused, and stored every few seconds."""

import asyncio
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from bot.errors import Refused
from bot.services.links.admission.values import Denied
from bot.web.edge import callers
from bot.web.edge.context import SECURITY, SITE
from storage.engines.engine import TROUBLE

EVERY = 5.0
"""Seconds; what a process that is killed had noted since is lost."""

_GUESSES = frozenset({"passcode", "moves"})
"""Limits that are met by guessing alone."""

log = logging.getLogger(__name__)


def noted(request: web.Request, kind: str, link_id: str = "") -> None:
    """Of one of `security_events.KINDS`."""
    address = callers.address(request, request.app[SITE].proxies)
    link = link_id or request.match_info.get("link_id", "")
    request.app[SECURITY].note(kind, callers.masked(address), callers.prefix(address) or "", link[:36])


def guessed(request: web.Request, refused: Refused, link_id: str = "") -> None:
    """What a guest has shown to be let in was refused: wrong, used up, or one of too many."""
    kind = refused.attack if isinstance(refused, Denied) else "passcode" if refused.code in _GUESSES else ""
    if kind:
        noted(request, kind, link_id)


async def storing(app: web.Application) -> AsyncIterator[None]:
    """For aiohttp's ``cleanup_ctx``."""
    task = asyncio.create_task(_store_on(app), name="security events")
    yield
    task.cancel()
    await asyncio.wait({task})
    await _store(app)


async def _store_on(app: web.Application) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await _store(app)


async def _store(app: web.Application) -> None:
    try:
        await app[SECURITY].store()
    except TROUBLE as error:
        log.warning("security events are stored later: %s", type(error).__name__)
