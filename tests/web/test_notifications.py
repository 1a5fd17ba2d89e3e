"""Told of answers while nobody looks: only after a yes, never what was said; and a page that can be kept as an app."""

import json
import re

from playwright.async_api import BrowserContext, Page, expect

from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER
# Chromium without a window shows none and says no to all: what the page asks for is written down instead.
RECORDED = """
window.shown = []
window.asked = 0
const answer = '%s'
window.Notification = class {
    static permission = 'default'
    static async requestPermission() { window.asked += 1; return Notification.permission = answer }
    constructor(title, options) { window.shown.push({ title, ...options }) }
}
"""


async def look_away(page: Page) -> None:
    await page.evaluate(
        "Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


async def test_nothing_is_asked_or_shown_without_a_yes(house: House, opened: Opening, context: BrowserContext) -> None:
    await context.add_init_script(RECORDED % "granted")
    house.model.will_say("A secret plan.")
    page = await opened((await house.link()).url)
    await said(page, "What now?")
    await look_away(page)
    await expect(page.locator(".agent .words")).to_have_text("A secret plan.")
    assert await page.evaluate("[asked, shown]") == [0, []]


async def test_after_a_yes_a_hidden_tab_says_that_there_is_something_and_not_what(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    await context.add_init_script(RECORDED % "granted")
    await context.clock.install()
    page = await opened((await house.link()).url)
    await page.get_by_label("More").click()
    await page.get_by_role("button", name="Notify me of answers").click()
    await expect(page.locator("#notifying")).to_have_attribute("aria-pressed", "true")
    await look_away(page)
    await page.clock.run_for(61_000)
    await expect(page.locator("body[data-connection=resting]")).to_be_visible()
    house.model.will_say("A secret plan.")
    guest = Caller(house.url)
    guest.cookies = {each["name"]: each["value"] for each in await context.cookies()}  # type: ignore[typeddict-item]
    guest.chat = re.sub(r"^https?://[^/]+", "", page.url)
    assert (await guest.say("What now?")).status == 202
    while await page.evaluate("shown.length") == 0:
        await page.clock.run_for(31_000)
    [note] = await page.evaluate("shown")
    assert (note["title"], note["body"]) == ("Trip planning", "There is a new message.")
    assert "secret" not in json.dumps(note)


async def test_a_no_is_taken_and_explained(house: House, opened: Opening, context: BrowserContext) -> None:
    await context.add_init_script(RECORDED % "denied")
    page = await opened((await house.link()).url)
    await page.get_by_label("More").click()
    await page.get_by_role("button", name="Notify me of answers").click()
    await expect(page.get_by_role("alert")).to_contain_text("does not let this page notify you")
    await expect(page.locator("#notifying")).to_have_attribute("aria-pressed", "false")


async def test_kept_as_an_app_it_names_no_chat_and_leads_back_without_a_secret(house: House) -> None:
    created = await house.link(title="Very private")
    guest = Caller(house.url, "de")
    await guest.start(created.url)
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    assert '<link rel="manifest" href="app.webmanifest">' in page.text
    stranger = await Caller(house.url, "de").ask("GET", guest.chat + "app.webmanifest")
    assert stranger.headers["Content-Type"].startswith("application/manifest+json")
    told = stranger.json
    assert (told["start_url"], told["scope"], told["lang"]) == ("./", "./", "de")
    assert "private" not in stranger.text
    assert created.url.rpartition("/")[2] not in stranger.text
    for icon in told["icons"]:
        async with guest.asking("GET", icon["src"]) as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")


async def test_chromium_takes_the_manifest(house: House, opened: Opening, context: BrowserContext) -> None:
    page = await opened((await house.link()).url)
    devtools = await context.new_cdp_session(page)
    told = await devtools.send("Page.getAppManifest")
    assert told["errors"] == []
    assert json.loads(told["data"])["display"] == "standalone"
