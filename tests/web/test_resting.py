"""A chat in which nobody wrote for half an hour rests: the page says so, and the next word goes on with it."""

from datetime import timedelta

import sqlalchemy as sa
from playwright.async_api import expect

from storage.schema import now
from storage.tables import Conversation, RateLimit, Session
from tests.web.caller import PAGE
from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER


async def fall_silent(house: House) -> None:
    await house.all_told()
    async with house.db.begin() as tables:
        ago = now() - timedelta(minutes=31)
        await tables.session.execute(sa.delete(RateLimit))
        await tables.session.execute(sa.update(Session).values(last_at=ago))
        await tables.session.execute(sa.update(Conversation).values(last_at=ago))
    assert await house.links.sweep() == 0


async def test_the_page_says_that_it_rests_and_a_word_wakes_it(house: House, opened: Opening) -> None:
    house.model.will_say("Hello.")
    page = await opened((await house.link()).url)
    await said(page, "Hi")
    await expect(page.get_by_role("log").get_by_text("Hello.")).to_be_visible()
    await fall_silent(house)
    status = page.locator("#status .status-text")
    await expect(status).to_have_text("Paused, since nobody wrote for half an hour. Write to go on.")
    await page.reload()
    await expect(status).to_contain_text("Paused")
    house.model.will_say("Welcome back.")
    await said(page, "I am back")
    await expect(page.get_by_role("log").get_by_text("Welcome back.")).to_be_visible()
    await expect(status).to_be_hidden()


async def test_without_scripts_it_is_said_too(house: House) -> None:
    guest = await house.guest()
    house.model.will_say("Hello.")
    await guest.say("Hi")
    assert await guest.conversation() == [("guest", "Hi"), ("agent", "Hello.")]
    await fall_silent(house)
    assert "Write to go on" in (await guest.ask("GET", guest.chat, headers=PAGE)).text


async def test_the_invitation_says_what_silence_does(house: House) -> None:
    for draft, words in (({}, "write, and it goes on"), ({"idle_minutes": 120}, "2 hours of silence end it too")):
        guest = await house.guest(title=words, max_sessions=2, **draft)
        made = await house.link(**draft)
        assert words in (await guest.ask("GET", made.url, headers=PAGE)).text
        assert ("of silence end" in (await guest.ask("GET", guest.chat, headers=PAGE)).text) == bool(draft)
