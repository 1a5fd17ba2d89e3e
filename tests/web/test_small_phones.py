"""On the smallest phone: how to begin is in sight at once, and what it needs is not covered."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, browser, gemini, house, sqlite_db

__all__ = ["browser", "gemini", "house", "sqlite_db"]

pytestmark = IN_BROWSER
LONG = "Tell me what you like and I will plan two days for the four of you.\n\n" * 6
COVERED = """each => {
    const { left, top, width, height } = each.getBoundingClientRect()
    return document.elementFromPoint(left + width / 2, top + height / 2) !== each
}"""


async def inside(page: Page, selector: str) -> bool:
    box = await page.locator(selector).bounding_box()
    assert box and page.viewport_size
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_start_is_above_the_fold_and_leads_to_what_it_needs(house: House, browser, language: str) -> None:
    size = ViewportSize(width=320, height=568)
    context = await browser.new_context(viewport=size, is_mobile=True, has_touch=True, locale=language)
    page = await context.new_page()
    await page.goto((await house.link(purpose=LONG)).url)
    assert await inside(page, "#start .main")
    await page.locator("#start .main").click()
    consent = page.locator("[name=consent]")
    await expect(consent).to_be_focused()
    assert await inside(page, "[name=consent]")
    assert not await consent.evaluate(COVERED)
    await consent.check()
    await page.locator("#start .main").click()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_no_button_is_covered_and_the_menu_is_whole(house: House, browser) -> None:
    context = await browser.new_context(viewport=ViewportSize(width=320, height=568), has_touch=True, locale="de")
    page = await context.new_page()
    await page.goto((await house.link(access="mail", addressee="anna@acme.com")).url)
    await page.get_by_role("button", name="Code an mich senden").click()
    again = page.locator("#again")
    await again.scroll_into_view_if_needed()
    assert not await again.evaluate(COVERED)
    assert await again.evaluate("each => each.getBoundingClientRect().top - go.getBoundingClientRect().bottom") >= 34
    await page.locator("[name=code]").fill(house.codes[-1])
    await page.get_by_role("checkbox").check()
    await page.locator("#go").click()
    await page.locator(".menu summary").click()
    box = await page.locator(".menu-list").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 320


async def test_at_four_hundred_percent_nothing_covers_the_text(house: House, browser) -> None:
    page = await (await browser.new_context(viewport=ViewportSize(width=320, height=256))).new_page()
    await page.goto((await house.link(purpose=LONG)).url)
    assert await page.locator("#start .main").evaluate("each => getComputedStyle(each).position") == "static"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
