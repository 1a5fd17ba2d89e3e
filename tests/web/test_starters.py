"""What a guest may begin with stands on the page until something was said, and is sent at one press."""

from playwright.async_api import BrowserContext, expect

from bot.services.links.making.templates import TEMPLATES
from tests.web.caller import PAGE
from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, on_both_sizes, opened, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER

STARTERS = ("Where is my <order>?", "أين طلبي؟", "I would like to talk to somebody about “something else”")


@on_both_sizes
async def test_one_press_sends_it_and_then_they_are_gone(house: House, opened: Opening) -> None:
    house.model.will_say("It is on its way.")
    page = await opened((await house.link(starters=STARTERS)).url)
    group = page.get_by_role("group", name="You may begin with")
    await expect(group.get_by_role("button")).to_have_text(list(STARTERS))
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await group.get_by_role("button", name=STARTERS[0]).click()
    await expect(page.get_by_role("log").get_by_text("It is on its way.")).to_be_visible()
    await expect(page.get_by_role("log").get_by_text(STARTERS[0])).to_have_count(1)
    await expect(group).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("log").get_by_text("It is on its way.")).to_be_visible()
    await expect(group).to_have_count(0)


async def test_who_writes_something_else_sees_them_no_more(house: House, opened: Opening) -> None:
    house.model.will_say("Hello.")
    page = await opened((await house.link(starters=TEMPLATES["support"].starters)).url)
    await page.get_by_label("Message", exact=True).fill("Hi.")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("group", name="You may begin with")).to_have_count(0)


async def test_without_scripts_a_press_sends_it_too(house: House, context: BrowserContext) -> None:
    house.model.will_say("It is on its way.")
    guest = await house.guest(starters=STARTERS)
    form = (await guest.ask("GET", guest.chat, headers=PAGE)).hidden("form")
    body = {"form": form, "client_id": "abcdefghijklmnop-1", "text": STARTERS[0]}
    answer = await guest.ask("POST", guest.chat + "messages", data=body, headers={"Origin": "null"})
    assert answer.status == 303
    page = (await guest.ask("GET", guest.chat, headers=PAGE)).text
    assert "Where is my &lt;order&gt;?" in page and "You may begin with" not in page
