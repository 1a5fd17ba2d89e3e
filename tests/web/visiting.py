"""A guest in a real browser: how a chat is opened and something is said.

The browser lives in the loop of the whole session, so the tests that use it do, and all that they stand on.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from storage.database import Database
from tests.support.audit import KEYS
from tests.support.gemini import Scripted, open_gemini
from tests.web.sidecar import House, running

PHONE = {"viewport": ViewportSize(width=390, height=844), "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": ViewportSize(width=1280, height=800)}
IN_BROWSER = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
on_both_sizes = pytest.mark.parametrize("context", [PHONE, DESKTOP], ids=["phone", "desktop"], indirect=True)
Opening = Callable[[str], Coroutine[Any, Any, Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def sqlite_db(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url, KEYS)
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def gemini(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scripted]:
    async with open_gemini(monkeypatch) as scripted:
        yield scripted


@pytest_asyncio.fixture(loop_scope="session")
async def house(sqlite_db: Database, gemini: Scripted) -> AsyncIterator[House]:
    async with running(sqlite_db, gemini) as house:
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """As if just started: what a test opened is closed with it, or it would go on asking a house that is gone."""
    yield chromium
    for each in chromium.contexts:
        await each.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """A phone's, which shows least, unless the test is of how things lie or are reached and asks for both sizes."""
    context = await browser.new_context(**getattr(request, "param", PHONE))
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def opened(context: BrowserContext) -> Opening:
    """Opens a link, presses Start and waits until the chat is live."""

    async def opened(url: str) -> Page:
        page = await context.new_page()
        await page.goto(url)
        await page.get_by_label("Your name").fill("Robin")
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Start the chat").click()
        await expect(page.locator("body[data-connection=live]")).to_be_visible()
        return page

    return opened


async def said(page: Page, words: str) -> None:
    await page.get_by_label("Message", exact=True).fill(words)
    await page.get_by_role("button", name="Send").click()
