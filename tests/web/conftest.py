"""A running sidecar, and a real Chromium to look at it with."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from storage.database import Database
from tests.support.gemini import Scripted, gemini
from tests.support.requirements import require
from tests.web.sidecar import House, running

__all__ = ["gemini"]

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
async def house(sqlite_db: Database, gemini: Scripted) -> AsyncIterator[House]:
    async with running(sqlite_db, gemini) as house:
        yield house


@pytest.fixture
async def house_on_each(db: Database, gemini: Scripted) -> AsyncIterator[House]:
    """On SQLite and once more on PostgreSQL."""
    async with running(db, gemini) as house:
        yield house


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    require(CHROMIUM.exists(), "needs Chromium in /usr/bin")
    options = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=options)
        yield browser
        await browser.close()
