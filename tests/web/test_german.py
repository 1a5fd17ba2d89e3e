"""A whole chat in a browser that asks for German, looked through for English words at each turn of it."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.services.limits import rates
from bot.services.links.results import answers
from bot.words import of
from bot.words.catalogues import catalogue
from playground.gemini import Break, Reply, text
from storage.repositories.work.rates import SECOND, Limit
from tests.web.sidecar import OWNER, House
from tests.web.test_edits import may_write_at_once
from tests.web.visiting import IN_BROWSER, PHONE, browser, gemini, house, sqlite_db

__all__ = ["browser", "gemini", "house", "sqlite_db"]

pytestmark = IN_BROWSER

GERMAN = of("de")
# What no German sentence holds; names of things (Usher, Markdown, Link, Chat) are the same in both.
ENGLISH = re.compile(
    r"\b(the|your|you|and|this|that|please|with|have|has|been|answer|answers|message|stopped|of|for|is|not|here|me|went)\b",
    re.IGNORECASE,
)
ALL_TEXTS = """() => {
  const seen = [document.title]
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!['SCRIPT', 'STYLE'].includes(node.parentElement.tagName)) seen.push(node.data)
    } else {
      for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'data-told', 'data-text']) {
        if (node.hasAttribute(name)) seen.push(node.getAttribute(name))
      }
    }
  }
  return seen.map(each => each.trim()).filter(Boolean)
}"""


def sentences() -> set[str]:
    """All that pages say in English and otherwise in German."""
    said = {(area, key): each for area, texts in catalogue("en").items() for key, each in texts.items()}
    return {each for (area, key), each in said.items() if catalogue("de")[area][key] != each and "{" not in each}


SENTENCES = sentences()


def english(texts: list[str]) -> list[str]:
    return [each for each in texts if ENGLISH.search(each) or each in SENTENCES]


async def looked_through(page: Page) -> None:
    assert english(await page.evaluate(ALL_TEXTS)) == []


async def write(page: Page, words: str) -> None:
    await page.get_by_label(GERMAN("chat.message"), exact=True).fill(words)
    await page.get_by_role("button", name=GERMAN("chat.send"), exact=True).click()


async def begun(house: House, browser: Browser) -> tuple[Page, Any]:
    link = await house.link("Reise", purpose="Wir planen die Reise.", covers=("Wohin?",), starters=("Guten Tag",))
    page = await (await browser.new_context(**PHONE, locale="de-DE")).new_page()
    await page.goto(link.url)
    await looked_through(page)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name=GERMAN("invitation.start")).click()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await looked_through(page)
    async with house.db.read() as tables:
        [session] = await tables.sessions.of("T1", link.link.id)
    return page, session


async def test_no_english_word_is_met_in_a_german_chat(
    house: House, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = rates.Rate("too_fast", Limit(burst=1, every_microseconds=60 * SECOND))
    monkeypatch.setitem(rates.MESSAGES, "session:second", slow)
    page, session = await begun(house, browser)
    house.model.will_call(("submit_result", {answers.key(1): "Nach Lyon"}))
    house.model.will_say("Das geht leider", finish="MAX_TOKENS")
    house.model.script(Reply([[text("Einen Augenblick")], Break.HOLD]))
    await write(page, "Nach Lyon")
    await expect(page.get_by_role("log")).to_contain_text(GERMAN("status.cut_short"))
    await expect(page.get_by_role("log")).to_contain_text(GERMAN("status.filed"))
    await page.locator(".menu summary").click()
    await looked_through(page)
    await page.locator(".menu summary").click()
    await house.all_told()
    await may_write_at_once(house)
    await write(page, "Und dann?")
    await expect(page.locator(".agent .words").last).to_contain_text("Einen Augen")
    await looked_through(page)
    await write(page, "Zu schnell")
    await expect(page.locator("#complaint")).to_be_visible()
    await looked_through(page)
    await page.get_by_role("button", name=GERMAN("chat.stop_answer")).click()
    await expect(page.locator("#status[data-state=stopped]")).to_be_visible()
    await looked_through(page)
    await house.hosting.take_over(OWNER, session.id)
    await house.hosting.say(OWNER, session.id, "Ich bin da.", "slack:1")
    await expect(page.get_by_role("log")).to_contain_text("Ich bin da.")
    await looked_through(page)
    await house.hosting.hand_back(OWNER, session.id)
    await expect(page.locator("#who")).to_have_attribute("data-state", "agent")
    await looked_through(page)
    await page.reload()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await looked_through(page)
    for form in ("text", "markdown"):
        written = await page.evaluate("form => fetch(`transcript?form=${form}`).then(told => told.text())", form)
        assert "Reise" in written and english(written.splitlines()) == []
    await house.hosting.end(OWNER, session.id)
    await expect(page.locator("#who")).to_contain_text(GERMAN("script.ended_mark"))
    await looked_through(page)
    await page.reload()
    await looked_through(page)


async def test_the_search_finds_english() -> None:
    assert english(["Answers for your host", "Stopped", "Zum Gastgeber"]) == ["Answers for your host", "Stopped"]


async def test_a_guest_keeps_a_chat_in_the_form_they_choose_from_the_menu(house: House, browser: Browser) -> None:
    page, _ = await begun(house, browser)
    house.model.will_say("Guten **Tag**.")
    await write(page, "Hallo")
    await expect(page.get_by_role("log")).to_contain_text("Guten Tag.")
    await house.all_told()
    await page.locator(".menu summary").click()
    for name, begins in (("save_markdown", "# Reise"), ("save_json", "{")):
        async with page.expect_download() as told:
            await page.get_by_role("link", name=GERMAN(f"ended.{name}")).click()
        saved = await (await told.value).path()
        assert saved.read_text().startswith(begins)
