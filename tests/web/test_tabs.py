"""More tabs than a browser has connections for one host: each loads, each can send, each has all that was said."""

from playwright.async_api import BrowserContext, Page, expect

from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER
SEVEN = 7
AT_WORK = "body:is([data-connection=live], [data-connection=polling])"


async def words_of(page: Page) -> list[str]:
    return [words.strip() for words in await page.locator("#log .words").all_inner_texts()]


async def test_seven_tabs_of_one_chat_have_the_same_words_and_each_may_write(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    house.model.will_say("All seven.")
    tabs = [await opened((await house.link()).url)]
    for _ in range(SEVEN - 1):
        tabs.append(await context.new_page())
        await tabs[-1].goto(tabs[0].url)
    for tab in tabs:
        await expect(tab.locator(AT_WORK)).to_be_visible()
    await said(tabs[-1], "Who hears this?")
    for tab in tabs:
        await expect(tab.locator(".agent .words")).to_have_text("All seven.")
        assert await words_of(tab) == ["Who hears this?", "All seven."]


async def test_the_seventh_chat_of_one_browser_works_like_the_first_and_streams_once_there_is_room(
    house: House, opened: Opening
) -> None:
    tabs = [await opened((await house.link(f"Chat {number}")).url) for number in range(3)]
    for number in range(3, SEVEN):
        tabs.append(await started(tabs[0].context, (await house.link(f"Chat {number}")).url))
    await expect(tabs[-1].locator("body[data-connection=polling]")).to_be_visible()
    house.model.will_say("Heard.")
    await said(tabs[-1], "Can I write here?")
    await expect(tabs[-1].locator(".agent .words")).to_have_text("Heard.")
    for tab in tabs[:-1]:
        await tab.close()
    await expect(tabs[-1].locator("body[data-connection=live]")).to_be_visible()


async def started(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    await page.goto(url)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.locator(AT_WORK)).to_be_visible()
    return page
