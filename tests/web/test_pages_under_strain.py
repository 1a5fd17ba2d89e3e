"""The chat page under strain: refused streams, no network, many tabs, failures, limits; and by keyboard alone."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, BrowserContext, Route, expect

from bot.services.limits import rates
from bot.services.limits.rates import Rate
from playground.gemini import Break, Failure, Reply, text
from storage.repositories.work.rates import Limit
from tests.web.sidecar import House
from tests.web.visiting import (
    DESKTOP,
    IN_BROWSER,
    Opening,
    browser,
    context,
    gemini,
    house,
    on_both_sizes,
    opened,
    said,
    sqlite_db,
)

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER


async def test_where_streams_are_refused_the_page_polls(house: House, opened: Opening, context: BrowserContext) -> None:
    async def refused(route: Route) -> None:
        await route.fulfill(status=429)

    page = await opened((await house.link()).url)
    await context.route("**/events*", refused)
    await page.reload()
    await expect(page.locator("body[data-connection=polling]")).to_be_visible()
    house.model.will_say("Hello by poll.")
    await said(page, "Hi.")
    await expect(page.locator(".agent .words")).to_have_text("Hello by poll.")
    assert await page.locator(".guest").count() == 1


async def test_a_message_that_cannot_be_sent_stays_and_is_sent_once_when_tried_again(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    page = await opened((await house.link()).url)
    await context.set_offline(True)
    await said(page, "Are you there?")
    unsent = page.locator(".guest", has_text="Not sent")
    await expect(unsent).to_contain_text("Are you there?")
    await expect(page.get_by_role("alert")).to_be_hidden()
    await expect(page.locator("#banner")).to_contain_text("offline")
    await unsent.get_by_role("button", name="Try again").click()
    await expect(unsent.get_by_role("button", name="Try again")).to_be_visible()
    house.model.will_say("Yes.")
    await context.set_offline(False)
    await unsent.get_by_role("button", name="Try again").click()
    await expect(page.locator(".agent .words")).to_have_text("Yes.")
    await expect(page.get_by_text("Not sent")).to_be_hidden()
    assert await page.locator(".guest").count() == 1
    await page.reload()
    await expect(page.locator(".guest")).to_have_count(1)


async def test_a_message_whose_answer_was_lost_on_the_way_is_not_sent_twice(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    page = await opened((await house.link()).url)
    house.model.will_say("Once.")
    arrived = []
    again = asyncio.Event()

    async def lose_the_answer(route: Route) -> None:
        arrived.append(await route.fetch())
        await route.abort()
        if len(arrived) > 1:
            again.set()

    await page.route("**/messages", lose_the_answer)
    await said(page, "Only once, please.")
    await expect(page.locator(".agent .words")).to_have_text("Once.")
    async with asyncio.timeout(60):  # the page may hear the answer to the first before it sends it again
        await again.wait()
    assert len(arrived) == 2 and {each.status for each in arrived} == {202}
    await expect(page.get_by_text("Not sent")).to_be_hidden()
    await expect(page.locator(".guest")).to_have_count(1)
    await page.reload()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await expect(page.locator(".guest")).to_have_count(1)
    await expect(page.get_by_text("Not sent")).to_be_hidden()


async def test_an_unsent_message_is_there_again_after_a_reload(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    await page.route("**/messages", lambda route: route.abort())
    await said(page, "Do not lose me.")
    await expect(page.get_by_text("Not sent")).to_be_visible()
    await page.unroute("**/messages")
    await page.reload()
    unsent = page.locator(".guest", has_text="Not sent")
    await expect(unsent).to_contain_text("Do not lose me.")
    house.model.will_say("I have it.")
    await unsent.get_by_role("button", name="Try again").click()
    await expect(page.locator(".agent .words")).to_have_text("I have it.")
    await expect(page.locator(".guest")).to_have_count(1)


@on_both_sizes
async def test_code_has_its_language_and_a_button_that_copies_it(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await opened((await house.link()).url)
    house.model.will_say("Here:\n\n```python\nprint(1)\n```\n")
    await said(page, "Some code")
    head = page.locator(".code-head")
    await expect(head).to_contain_text("python")
    await head.get_by_role("button").click()
    await expect(head.get_by_role("button")).to_have_text("Copied")
    assert (await page.evaluate("navigator.clipboard.readText()")).strip() == "print(1)"
    await page.reload()
    await expect(page.locator(".code-head")).to_have_count(1)


async def test_two_tabs_show_the_same(house: House, opened: Opening, context: BrowserContext) -> None:
    house.model.will_say("Both of you.")
    first = await opened((await house.link()).url)
    second = await context.new_page()
    await second.goto(first.url)
    await expect(second.locator("body[data-connection=live]")).to_be_visible()
    await said(first, "Who is there?")
    for page in (first, second):
        await expect(page.locator(".guest .words")).to_have_text("Who is there?")
        await expect(page.locator(".agent .words")).to_have_text("Both of you.")


async def test_enter_sends_where_there_is_a_keyboard_and_escape_stops(house: House, browser: Browser) -> None:
    house.model.script(Reply([[text("Long ")], Break.HOLD]))
    page = await (await browser.new_context(**DESKTOP)).new_page()
    await page.goto((await house.link()).url)
    await page.get_by_role("checkbox").check()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await expect(page.locator(".guest .words")).to_have_text("one\ntwo")
    await expect(page.locator(".agent .words")).to_have_text(re.compile("Long"))
    await page.route("**/stop", lambda route: route.abort())
    await page.keyboard.press("Escape")
    await expect(page.locator("#complaint")).to_contain_text("offline")
    await page.unroute("**/stop")
    await page.keyboard.press("Escape")
    await expect(page.locator("#status")).to_have_text(re.compile("Stopped"))


async def test_a_turn_is_spoken_twice_at_most(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    await page.evaluate(
        "window.spoken = []; new MutationObserver(() => spoken.push(document.getElementById('spoken').textContent))"
        ".observe(document.getElementById('spoken'), {childList: true, characterData: true, subtree: true})"
    )
    house.model.will_say(*[f"word{number} " for number in range(40)])
    await said(page, "Talk.")
    # The status is hidden before the turn begins, too: the last word is what ends it.
    await expect(page.locator("#spoken")).to_have_text(re.compile("^AI assistant: word0"))
    await expect(page.locator("#status")).to_be_hidden()
    spoken = await page.evaluate("spoken")
    assert spoken[0] == "The assistant is replying."
    assert spoken[-1].startswith("AI assistant: word0")
    assert len(spoken) == 2
    assert await page.locator("[role=log]").get_attribute("aria-live") == "off"


@on_both_sizes
async def test_a_failed_answer_says_so_and_can_be_tried_again(
    house: House, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rates.MESSAGES, "session:second", Rate("too_fast", Limit(9, rates.SECOND)))
    page = await opened((await house.link()).url)
    house.model.script(Failure(400, "INVALID_ARGUMENT"))
    await said(page, "Hi.")
    house.model.will_say("Here I am.")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".agent .words")).to_have_text("Here I am.")
    await expect(page.get_by_role("button", name="Try again")).to_be_hidden()


async def test_a_limit_is_told_with_the_time_until_it_lifts_and_the_message_is_kept(
    house: House, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rates.MESSAGES, "session:second", Rate("too_fast", Limit(1, 59 * rates.SECOND)))
    page = await opened((await house.link()).url)
    house.model.will_say("One.")
    await said(page, "First.")
    await expect(page.locator(".agent")).to_be_visible()
    await expect(page.locator("#status")).to_be_hidden()
    await said(page, "Second, at once.")
    await expect(page.locator("#status[data-state=limited]")).to_contain_text("one message a second")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("Second, at once.")
    await expect(page.locator("#status .status-text")).to_have_text(
        re.compile(r"a second\. Try again in \d\d? seconds?\.$")
    )


async def test_what_is_written_within_a_second_is_sent_in_order_and_not_given_back(
    house: House, opened: Opening
) -> None:
    page = await opened((await house.link()).url)
    field, said_before = page.get_by_label("Message", exact=True), page.locator(".guest:not([data-pending]) .words")
    for words in ("Hello!", "One more thing.", "And another."):
        house.model.will_say("Yes.")
        await said(page, words)
        await expect(field).to_have_value("")
    await expect(said_before).to_have_text(["Hello!", "One more thing.", "And another."])
    await expect(field).to_have_value("")
    await page.reload()
    await expect(said_before).to_have_text(["Hello!", "One more thing.", "And another."])


async def test_a_text_that_is_too_long_is_neither_cut_nor_sent(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    await said(page, "y" * 4001)
    await expect(page.get_by_role("alert")).to_contain_text("may have 4,000 characters")
    await expect(page.locator("#counter")).to_have_text("1 too many")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("y" * 4001)
    assert await page.locator(".guest").count() == 0


async def test_a_refused_message_comes_back_before_what_was_written_since(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    page = await opened((await house.link()).url)
    field = page.get_by_label("Message", exact=True)

    async def refused(route: Route) -> None:
        await field.fill("And written since.")
        await route.fulfill(status=429, json={"code": "apart", "error": "One at a time."})

    await context.route("**/messages", refused)
    await said(page, "Refused.")
    await expect(field).to_have_value("Refused.\nAnd written since.")
