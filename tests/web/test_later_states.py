"""What a chat comes to later on: axe finds nothing, all of it fits, is done by keyboard and is held still."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot import words
from playground.gemini import Break, Reply, text
from tests.support.axe import complaints
from tests.web.sidecar import OWNER, House
from tests.web.test_hosts import reworded, the_session
from tests.web.test_long_chats import talked
from tests.web.test_resting import fall_silent
from tests.web.visiting import DESKTOP, IN_BROWSER, PHONE, browser, gemini, house, sqlite_db

__all__ = ["browser", "gemini", "house", "sqlite_db"]

pytestmark = IN_BROWSER
MOVING = "document.getAnimations().filter(each => each.effect.getComputedTiming().duration > 0).length"


@pytest_asyncio.fixture(loop_scope="session", params=[("en", DESKTOP), ("ar", PHONE)], ids=["left", "right"])
async def context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    language, size = request.param
    context = await browser.new_context(**size, locale=language, bypass_csp=True, reduced_motion="reduce")
    yield context
    await context.close()


async def is_well(page: Page) -> None:
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(MOVING) == 0


async def spoken(page: Page) -> words.Words:
    return words.of(await page.evaluate("document.documentElement.lang"))


async def begun(house: House, context: BrowserContext) -> Page:
    page = await context.new_page()
    await page.goto((await house.link()).url)
    await page.get_by_role("checkbox").check()
    await page.locator("#go").click()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    return page


async def test_a_long_chat(house: House, context: BrowserContext) -> None:
    page = await begun(house, context)
    await talked(house, page.url, 30)
    await page.reload()
    await expect(page.locator("#log .agent strong").last).to_have_text("29")
    await is_well(page)
    await page.locator("#earlier").click()
    await expect(page.locator("#earlier")).to_be_hidden()
    await is_well(page)


async def test_a_host_a_rest_a_move_and_a_deletion(house: House, context: BrowserContext) -> None:
    page = await begun(house, context)
    session = await the_session(house)
    await house.hosting.say(OWNER, session, "Hello there.", "slack:D1:1.0")
    await expect(page.locator(".said.host")).to_be_visible()
    await is_well(page)
    await reworded(house, session, "Hello, it is me.")
    await expect(page.locator("[data-changed=edited]")).to_be_visible()
    await is_well(page)
    await reworded(house, session, "")
    await expect(page.locator("[data-changed=taken_back]")).to_be_visible()
    await is_well(page)
    await house.hosting.hand_back(OWNER, session)
    await expect(page.locator(".turned")).to_have_count(2)

    house.model.will_say("At your service.")
    await page.locator("#text").fill("Thank you")
    await page.locator("#send").click()
    await expect(page.locator(".agent .words").last).to_have_text("At your service.")
    await fall_silent(house)
    await expect(page.locator("#status[data-state=paused]")).to_be_visible()
    await is_well(page)

    old = await context.new_page()
    await old.goto(page.url)
    await expect(old.locator("body[data-connection=live]")).to_be_visible()
    chat = page.url
    await page.locator(".menu summary").click()
    await page.locator("form[action=move] button").click()
    code = await page.locator(".move-code").inner_text()
    assert context.browser
    other = await context.browser.new_context(**PHONE, bypass_csp=True)
    new = await other.new_page()
    await new.goto(f"{house.url}/temp-chat/continue#{code}")
    await new.locator("form .main").click()
    await expect(new.locator("body[data-connection=live]")).to_be_visible()
    moved = (await spoken(old))("ended.heading_moved")
    for _ in range(2):  # told while it was open, and to whoever comes back
        await expect(old.get_by_role("heading", level=1)).to_have_text(moved)
        await is_well(old)
        await old.goto(chat)

    await new.locator(".menu summary").click()
    await new.locator("#deleting button").click()
    await expect(new.locator("#sure-deleting")).to_be_visible()
    assert await complaints(new) == []
    await new.locator("#delete-it").click()
    await expect(new.get_by_role("heading", level=1)).to_have_text("This conversation is deleted")
    assert await complaints(new) == []
    await other.close()


async def test_by_keyboard_alone_the_menu_opens_and_closes_and_no_answer_is_stopped(
    house: House, context: BrowserContext
) -> None:
    page = await begun(house, context)
    house.model.script(Reply([[text("One, two")], Break.HOLD]))
    await page.locator("#text").fill("Count")
    await page.locator("#send").press("Enter")
    await expect(page.locator(".agent .words")).to_contain_text("One")
    await is_well(page)
    menu = page.locator(".menu summary")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".menu-list")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.locator(".menu-list a").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".menu-list")).to_be_hidden()
    await expect(menu).to_be_focused()
    await expect(page.locator("#stop")).to_be_visible()
    await menu.click()
    await page.locator(".agent .words").click()
    await expect(page.locator(".menu-list")).to_be_hidden()
    await page.keyboard.press("Escape")
    await expect(page.locator(".agent .quiet")).to_have_text((await spoken(page))("transcript.stopped_here"))
    await expect(page.locator("#stop")).to_be_hidden()


async def test_at_four_hundred_percent_one_can_read_and_write(house: House, context: BrowserContext) -> None:
    page = await begun(house, context)
    await talked(house, page.url, 3)
    await page.set_viewport_size({"width": 320, "height": 256})
    await page.reload()
    await expect(page.locator("#text")).to_be_in_viewport()
    read = await page.locator("#scroller").evaluate("each => each.clientHeight")
    assert read >= 80
    await page.locator(".menu summary").click()
    await page.locator("#deleting button").scroll_into_view_if_needed()
    await expect(page.locator("#deleting button")).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
