"""Hostile answers in a real browser, cut wherever a stream may cut them: nothing runs, nothing is fetched."""

import pytest
from playwright.async_api import Page, expect

from bot.services.limits import conduct
from tests.web.caller import PAGE, Caller
from tests.web.hostile import SAMPLES
from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER

# In the page itself, under its own policy: what a sample made would load and run as in an answer.
AT_EVERY_SPLIT = """async ([address, samples]) => {
  const { pen } = await import(address)
  const elements = new Set(['a', 'bdi', 'blockquote', 'br', 'code', 'em', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p',
    'pre', 's', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'])
  const attributes = new Set(['href', 'rel', 'target', 'data-leads-to', 'data-lang', 'start', 'tabindex'])
  const wrong = new Set()
  const render = (...pieces) => {
    const root = document.body.appendChild(document.createElement('div'))
    const writer = pen(root, flush => flush())
    for (const piece of pieces) writer.write(piece)
    writer.end()
    for (const node of root.querySelectorAll('*')) {
      if (!elements.has(node.localName)) wrong.add(node.localName)
      for (const { name, value } of node.attributes) {
        if (!attributes.has(name)) wrong.add(name)
        if (name === 'href' && !/^(https:\\/\\/[^/@]+(\\/|$)|mailto:[^?,]+$)/.test(value)) wrong.add(value)
      }
    }
    const made = root.innerHTML
    root.remove()
    return made
  }
  let splits = 0
  for (const sample of samples) {
    const whole = render(sample)
    for (let cut = 0; cut <= sample.length; cut++, splits++) {
      if (render(sample.slice(0, cut), sample.slice(cut)) !== whole) wrong.add(`another at ${cut}: ${sample}`)
    }
    if (render(...sample) !== whole) wrong.add(`another by letters: ${sample}`)
  }
  await new Promise(requestAnimationFrame)
  return [splits, [...wrong]]
}"""


class Watched:
    """All that a page asks for, says and would not allow, from now on."""

    def __init__(self, page: Page) -> None:
        self.heard: list[str] = []
        page.on("request", lambda asked: self.heard.append(asked.url))
        page.on("dialog", lambda dialog: self.heard.append(f"dialog {dialog.message}"))
        page.on("console", lambda told: self.heard.append(f"console {told.text}"))
        page.on("pageerror", lambda error: self.heard.append(f"error {error}"))

    def foreign(self, own: str) -> list[str]:
        return [told for told in self.heard if not told.startswith(own)]


async def test_every_sample_is_harmless_and_the_same_at_every_split(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    watched = Watched(page)
    address = await page.evaluate("document.querySelector('[href*=\"/chat/markdown.\"]').href")
    splits, wrong = await page.evaluate(AT_EVERY_SPLIT, [address, SAMPLES])
    assert wrong == []
    assert len(SAMPLES) >= 60 and splits == sum(len(each.encode("utf-16-le")) // 2 + 1 for each in SAMPLES)
    assert watched.foreign(house.url) == []


async def test_an_answer_that_arrives_letter_by_letter_says_it_all_and_does_nothing(
    house: House, opened: Opening
) -> None:
    page = await opened((await house.link()).url)
    watched = Watched(page)
    house.model.will_say(*"\n\n".join(SAMPLES), "\n\nThat was all.")
    await said(page, "Attack me.")
    await expect(page.locator(".agent .words")).to_contain_text("That was all.")
    await expect(page.locator("#status")).to_be_hidden()
    streamed = await page.locator(".agent .words").inner_text()
    await page.reload()  # the same text, rendered by the server
    shown = page.locator(".agent .words")
    await expect(shown).to_contain_text("That was all.")
    for forbidden in ("script", "img", "svg", "iframe", "style", "form", "input", "object", "embed", "base", "meta"):
        assert await shown.locator(forbidden).count() == 0, forbidden
    assert await page.locator("h1").count() == 1
    assert watched.foreign(house.url) == []
    assert "<script>alert(1)</script>" in streamed


@pytest.mark.parametrize("form", ["page without scripts", "transcript"])
async def test_a_guest_who_says_it_themselves_reaches_nobody(
    house: House, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = Caller(house.url)
    await guest.start((await house.link()).url, name="<b onclick=alert(1)>R</b>")
    house.model.will_say("No.")
    monkeypatch.setattr(conduct, "MOST_LINKS", 1_000)
    assert (await guest.say("\n".join(SAMPLES)[:3900])).status == 202
    path = "" if form == "page without scripts" else "transcript"
    answer = await guest.ask("GET", guest.chat + path, headers=PAGE)
    assert "alert(1)" in answer.text
    if path:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    else:
        assert "<script>" not in answer.text and "<b onclick" not in answer.text and "<img" not in answer.text
