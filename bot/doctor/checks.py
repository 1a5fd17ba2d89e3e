"""All checks: asked side by side, told in the order in which one would mend things."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from bot.doctor.database_checks import database, records
from bot.doctor.finding import Finding, bad, left
from bot.doctor.local_checks import keys, sandbox
from bot.doctor.mail_check import mail
from bot.doctor.model_check import model
from bot.doctor.price_check import price
from bot.doctor.public_url_check import public_url
from bot.doctor.secret_store_check import secret_store
from bot.doctor.slack_checks import http_mode, slack, socket_mode
from bot.doctor.variables import Known, variables

PARTING = 0.2
PATIENCE = 12.0
"""Seconds for all of them, since none waits for another."""
LOOK_EVERY = 1.0

Waiting = Callable[[str, float], None]


@dataclass(frozen=True)
class Check:
    subject: str
    ask: Callable[[], Coroutine[Any, Any, list[Finding]]]
    needs: tuple[str, ...] = ()
    """Variables without which it cannot be asked."""


async def examined(known: Known, scopes: frozenset[str], waiting: Waiting) -> AsyncIterator[Finding]:
    """One finding after the other; ``waiting`` hears each second which check it is that is not done yet."""
    for finding in variables(known):
        yield finding
    # Longer than ours: of two that end together either may come first, and this one's is told as a refusal.
    async with ClientSession(timeout=ClientTimeout(total=2 * PATIENCE), trust_env=True) as session:
        checks = _all(known, session, scopes)
        began = asyncio.get_running_loop().time()
        asked = [asyncio.create_task(_answered(check, known), name=check.subject) for check in checks]
        for task in asked:
            await _wait(task, began, waiting)
            for finding in task.result() if task.done() else [_too_slow(task.get_name())]:
                yield finding
        for task in asked:
            task.cancel()
        # Not for long: what hangs may hang in its end as well.
        await asyncio.wait(asked, timeout=PARTING)


def _all(known: Known, session: ClientSession, scopes: frozenset[str]) -> list[Check]:
    settings = known.settings
    tokens = ("SLACK_API_URL", "SLACK_BOT_TOKEN")
    gemini = ("GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL")
    return [
        Check("master key", partial(keys, settings), ("DATABASE_URL", "SECRET_KEY")),
        Check("database", partial(database, settings), ("DATABASE_URL",)),
        Check("records", partial(records, settings), ("DATABASE_URL", "SECRET_KEY")),
        Check("Slack", partial(slack, settings, session, scopes), tokens),
        Check("Socket Mode", partial(socket_mode, settings, session), ("SLACK_API_URL", "SLACK_APP_TOKEN")),
        Check("HTTP mode", partial(http_mode, settings), ("SLACK_SIGNING_SECRET",)),
        Check("model", partial(model, settings), gemini),
        Check("price", partial(price, settings), ("GEMINI_MODEL", "GEMINI_FALLBACK_MODEL")),
        Check("public URL", partial(public_url, settings, session), ("PUBLIC_BASE_URL", "HOST", "PORT")),
        Check("mail", partial(mail, settings), ("SMTP_URL", "MAIL_FROM")),
        Check("secret store", partial(secret_store, settings), ("DATABASE_URL", "SECRET_STORE")),
        Check("sandbox", partial(sandbox, settings), ("MCP_SANDBOX_ENABLED",)),
    ]


async def _answered(check: Check, known: Known) -> list[Finding]:
    if missing := known.lacks(*check.needs):
        return [left(check.subject, *missing)]
    try:
        return await check.ask()
    except Exception as error:  # one check that breaks must not keep the others from being told
        place = traceback.extract_tb(error.__traceback__)[-1]
        found = f"could not be checked ({type(error).__name__} at {place.name}:{place.lineno})"
        return [bad(check.subject, found, "this is a fault of the doctor's: please report it")]


async def _wait(task: "asyncio.Task[list[Finding]]", began: float, waiting: Waiting) -> None:
    while not task.done() and (passed := asyncio.get_running_loop().time() - began) < PATIENCE:
        await asyncio.wait({task}, timeout=min(LOOK_EVERY, PATIENCE - passed))
        if not task.done():
            waiting(task.get_name(), asyncio.get_running_loop().time() - began)


def _too_slow(subject: str) -> Finding:
    return bad(subject, f"no answer within {PATIENCE:.0f} s", "check the network, its name servers and proxy settings")
