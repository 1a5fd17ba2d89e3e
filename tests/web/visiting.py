"""A guest in a real browser: how a chat is opened and something is said."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

PHONE = {"viewport": ViewportSize(width=390, height=844), "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": ViewportSize(width=1280, height=800)}
Opening = Callable[[str], Coroutine[Any, Any, Page]]


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
async def context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(**request.param)
    yield context
    await context.close()


@pytest.fixture
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
