"""All checks, in the order in which one would mend things."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession, ClientTimeout

from bot.doctor.finding import Finding, ok
from bot.doctor.local_checks import database, keys, records, sandbox
from bot.doctor.remote_checks import model, public_url, slack
from bot.settings import Settings

PATIENCE = 10
"""Seconds for each question."""


async def examined(settings: Settings, scopes: frozenset[str]) -> AsyncIterator[Finding]:
    """One finding after the other, as it is made; ``scopes`` are those of the app's manifest."""
    yield ok("settings", "every variable can be used")
    yield keys(settings)
    yield await database(settings)
    async for finding in records(settings):
        yield finding
    async with ClientSession(timeout=ClientTimeout(total=PATIENCE), trust_env=True) as session:
        async for finding in slack(settings, session, scopes):
            yield finding
        yield await model(settings)
        yield await public_url(settings, session)
    yield await sandbox(settings)
