"""A local workspace with its page, a scripted app in it, and a real Chromium to look at it with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from playground.page.routes import add_page
from playground.slack.server import LocalSlack
from tests.playground.page.screen import Screen
from tests.playground.page.scripted_app import MANIFEST, ScriptedApp
from tests.support.browser import options

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
TOKEN = "token-of-this-workspace"


@pytest_asyncio.fixture(loop_scope="session")
async def slack(tmp_path: Path) -> AsyncIterator[LocalSlack]:
    # Without limits: the tests draw more views in a minute than Slack takes.
    slack = LocalSlack(tmp_path, manifest=MANIFEST, ack_seconds=60.0, generosity=None)
    add_page(slack.app, slack, TOKEN)
    async with slack:
        yield slack


@pytest_asyncio.fixture(loop_scope="session")
async def app(slack: LocalSlack) -> AsyncIterator[ScriptedApp]:
    app = ScriptedApp(slack)
    await app.start()
    yield app
    await app.stop()


# One Chromium for all tests: starting it takes longer than most of them.
@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options())
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def screen(browser: Browser, slack: LocalSlack) -> AsyncIterator[Screen]:
    """The owner's page on a desktop."""
    page = await browser.new_page(viewport=DESKTOP)
    async with _watched(page):
        yield await Screen(page, slack.url, TOKEN).open()
    await page.close()


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, slack: LocalSlack) -> AsyncIterator[Screen]:
    """The owner's page on a phone."""
    page = await browser.new_page(viewport=PHONE, is_mobile=True, has_touch=True)
    async with _watched(page):
        yield await Screen(page, slack.url, TOKEN).open()
    await page.close()


class _watched:
    """No script of the page may fail while a test looks at it."""

    def __init__(self, page: Page) -> None:
        self._errors: list[str] = []
        page.on("pageerror", lambda error: self._errors.append(str(error)))

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        assert self._errors == []
