"""The whole way in a real browser: out through our page's policy to the service, and back to the connection."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from tests.support.oauth import Lab, open_lab
from tests.web.sidecar import House
from tests.web.test_oauth import SIGNED_IN, connections, needed
from tests.web.visiting import IN_BROWSER, browser, context, gemini, house, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "sqlite_db"]
pytestmark = IN_BROWSER


@pytest_asyncio.fixture(loop_scope="session")
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        yield lab


async def test_a_member_signs_in_and_the_address_that_stays_holds_no_code(
    house: House, lab: Lab, context: BrowserContext
) -> None:
    page, refused = await context.new_page(), list[str]()
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    asked = await needed(house, lab)
    await page.goto(asked.url)
    await page.get_by_label("Code from Slack").fill(f"{asked.code[:3]} {asked.code[3:]}")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("button", name="Sign in at")).to_be_visible()
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
    await page.get_by_role("button", name=f"Sign in at {asked.signs_in_at}").click()
    await expect(page.get_by_role("heading")).to_contain_text(SIGNED_IN)
    assert page.url == f"{house.url}/oauth/done" and refused == []
    await page.reload()
    await expect(page.get_by_role("heading")).to_contain_text(SIGNED_IN)
    await page.go_back()
    await expect(page.get_by_role("heading")).to_contain_text("cannot be used any more")
    assert len(await connections(house)) == 1
