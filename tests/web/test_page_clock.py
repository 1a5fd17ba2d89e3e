"""What the page does when time passes: a tab nobody looks at, a stream that says nothing; by a clock that is turned."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from bot.web import Pace
from storage.database import Database
from tests.support.gemini import Scripted
from tests.web.caller import Caller
from tests.web.sidecar import OWNER, House, running
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER


@pytest_asyncio.fixture(loop_scope="session")
async def mute(sqlite_db: Database, gemini: Scripted) -> AsyncIterator[House]:
    """A house whose streams are silent when nothing happens."""
    async with running(sqlite_db, gemini, Pace(heartbeat=600)) as house:
        yield house


async def look_away(page: Page, away: bool) -> None:
    """As another tab would be chosen: Chromium without a window never hides one."""
    await page.evaluate(
        "away => { Object.defineProperty(document, 'hidden', { get: () => away, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')) }",
        away,
    )


async def streams(house: House, number: int) -> None:
    async with asyncio.timeout(60):
        while f"usher_streams_open {number}\n" not in (await Caller(house.url).ask("GET", "/metrics")).text:
            pass


async def test_a_tab_nobody_looks_at_gives_its_stream_back_after_a_minute_and_catches_up_when_seen(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    await context.clock.install()
    page = await opened((await house.link()).url)
    await look_away(page, True)
    await page.clock.run_for(20_000)
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await streams(house, 1)
    await page.clock.run_for(41_000)
    await expect(page.locator("body[data-connection=resting]")).to_be_visible()
    await streams(house, 0)
    house.model.will_say("While you were away.")
    await page.evaluate(
        "post => fetch(post, {method: 'POST', headers: {'Content-Type': 'application/json'},"
        " body: JSON.stringify({text: 'Hi.', client_id: '12345678'})})",
        page.url + "messages",
    )
    await page.clock.run_for(60_000)
    await expect(page.locator(".agent")).to_have_count(0)
    await look_away(page, False)
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await expect(page.locator(".agent .words")).to_have_text("While you were away.")


async def test_a_tab_that_is_seen_again_within_a_minute_keeps_its_stream(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    await context.clock.install()
    page = await opened((await house.link()).url)
    await look_away(page, True)
    await page.clock.run_for(10_000)
    await look_away(page, False)
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await page.clock.run_for(10_000)
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await streams(house, 1)


async def test_a_stream_that_falls_silent_is_opened_again(
    mute: House, opened: Opening, context: BrowserContext
) -> None:
    await context.clock.install()
    page = await opened((await mute.link()).url)
    await page.clock.run_for(10_000)  # the clock goes on by itself as well: what this machine takes is added
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2].partition("?")[0]))
    async with page.expect_request("**/events*"):
        await page.clock.run_for(26_000)
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    assert asked == ["state", "events"]
    await streams(mute, 1)


async def test_streams_that_never_begin_are_given_up_for_polls_after_three(
    house: House, opened: Opening, context: BrowserContext
) -> None:
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await context.clock.install()
    page = await opened((await house.link()).url)
    await context.route("**/events*", hold)
    await page.reload()
    for number in range(1, 4):
        async with asyncio.timeout(60):
            while len(held) < number:
                await asyncio.sleep(0.01)
        await expect(page.locator("body[data-connection=connecting]")).to_be_visible()
        await page.clock.run_for(5_500)
    await expect(page.locator("body[data-connection=polling]")).to_be_visible()
    assert len(held) == 3
    house.model.will_say("By poll.")
    await said(page, "Hi.")
    await expect(page.locator(".agent .words")).to_have_text("By poll.")
    await context.unroute_all(behavior="ignoreErrors")


async def test_the_header_says_how_long_there_is_once_the_host_gives_more_time(house: House, opened: Opening) -> None:
    created = await house.link(hours=0.2)
    page = await opened(created.url)
    await expect(page.get_by_text("This chat ends in")).to_be_visible()
    await house.links.extend(OWNER, created.link.id, 24)
    await expect(page.get_by_text("ends in 24 hours")).to_be_visible()
    await expect(page.get_by_text("This chat ends in")).to_be_hidden()
    await expect(page.locator("#spoken")).to_have_text("Your host has given this chat more time.")
