"""A running sidecar, and a real Chromium to look at it with."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from storage.database import Database
from tests.support.browser import options
from tests.support.gemini import Scripted, gemini
from tests.web.sidecar import House, running

__all__ = ["gemini"]


@pytest.fixture
async def house(sqlite_db: Database, gemini: Scripted) -> AsyncIterator[House]:
    async with running(sqlite_db, gemini) as house:
        yield house


@pytest.fixture
async def house_on_each(db: Database, gemini: Scripted) -> AsyncIterator[House]:
    """On SQLite and once more on PostgreSQL."""
    async with running(db, gemini) as house:
        yield house


# One Chromium for all tests: starting it takes longer than most of them.
@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options())
        yield browser
        await browser.close()
