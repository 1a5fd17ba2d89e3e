"""A long chat opens with its newest words; earlier ones come when they are asked for, and the reader stays in place."""

import re

from playwright.async_api import expect

from bot.services import log_entries
from bot.services.log_entries import Entry
from bot.web.chat import history
from storage.tables import Session
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, on_both_sizes, opened, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER


async def session_of(house: House, chat: str) -> Session:
    async with house.db.read() as tables:
        [session] = await tables.sessions.of("T1", chat.rstrip("/").rpartition("/")[2])
    return session


async def talked(house: House, chat: str, count: int, *more: Entry) -> None:
    """So many questions, each with its answer, as the worker stores them; then ``more``."""
    session = await session_of(house, chat)
    async with house.db.begin() as tables:
        for number in range(count):
            turn = f"turn-{number}"
            told = [
                log_entries.message("guest", "Robin", f"Question {number}?", turn),
                log_entries.status("working"),
                log_entries.message("agent", "Usher", f"Answer **{number}**.", turn),
                log_entries.status("done"),
            ]
            for each in told:
                await tables.events.add("T1", session.conversation_id, turn, each.kind, each.body)
        for each in more:
            await tables.events.add("T1", session.conversation_id, None, each.kind, each.body)


def questions(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"Question (\d+)\?", page)]


@on_both_sizes
async def test_it_opens_with_the_newest_and_goes_back_step_by_step(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    rating = log_entries.rating("turn-3", "Robin", "up", "Answer 3.")
    await talked(house, page.url, 60, rating)
    await page.reload()
    await expect(page.locator("#log > li")).to_have_count(history.ITEMS)
    await expect(page.get_by_text("Question 59?")).to_be_in_viewport()
    first = page.get_by_text("Question 35?")
    earlier = page.get_by_role("link", name="Earlier messages")
    await earlier.scroll_into_view_if_needed()
    before = await first.bounding_box()
    await earlier.click()
    await expect(page.locator("#log > li")).to_have_count(2 * history.ITEMS)
    after = await first.bounding_box()
    assert before and after
    assert abs(before["y"] - after["y"]) < 2
    await earlier.click()
    await expect(page.locator("#log > li")).to_have_count(120)
    await expect(earlier).to_be_hidden()
    assert questions(await page.locator("#log").inner_text()) == list(range(60))
    await expect(page.locator("#log strong").first).to_have_text("0")
    pressed = page.locator('[aria-pressed="true"]')
    await expect(pressed).to_have_count(1)
    await expect(pressed).to_have_attribute("value", "turn-3")


async def test_without_scripts_earlier_words_are_a_page_of_their_own(house: House) -> None:
    guest = await house.guest()
    await talked(house, guest.chat, 60, log_entries.rating("turn-3", "Robin", "down", "Answer 3."))
    seen: list[int] = []
    path = guest.chat
    while path:
        page = (await guest.ask("GET", path, headers=PAGE)).text
        seen = [*questions(page), *seen]
        found = re.search(r'id="earlier" href="\./([^"]+)"', page)
        path = guest.chat + found[1] if found else ""
    assert seen == list(range(60))
    assert 'name="down" value="turn-3" aria-pressed="true"' in page


async def test_a_step_that_ended_on_a_later_page_is_not_shown_as_running(house: House) -> None:
    guest = await house.guest()
    begun = {"call": "c1", "title": "Look", "server": "Shop", "summary": "", "seconds": 0.0}
    await talked(house, guest.chat, 1, Entry("tool", begun | {"state": "started"}))
    session = await session_of(house, guest.chat)
    async with house.db.begin() as tables:
        last = await tables.events.before("T1", session.conversation_id, 1000, 1)
        await tables.events.add("T1", session.conversation_id, None, "tool", begun | {"state": "done"})
    position = f"{session.conversation_id.replace('-', '')[-12:]}-{last[0].seq + 1}"
    told = (await guest.ask("GET", f"{guest.chat}older?before={position}")).json
    assert [item["state"] for item in told["items"] if item["kind"] == "tool"] == ["done"]


async def test_who_answers_is_known_though_it_changed_long_ago(house: House) -> None:
    guest = await house.guest()
    session = await session_of(house, guest.chat)
    async with house.db.begin() as tables:
        entry = log_entries.host("host", "Anna", "Anna has joined.")
        await tables.events.add("T1", session.conversation_id, None, entry.kind, entry.body)
    await talked(house, guest.chat, 120)
    page = (await guest.ask("GET", guest.chat, headers=PAGE)).text
    assert "Anna answers you" in page
    assert "Anna has joined" not in page


async def test_earlier_words_are_the_guests_own_alone(house: House) -> None:
    guest = await house.guest()
    await talked(house, guest.chat, 60)
    other = await house.guest(title="Another")
    page = (await guest.ask("GET", guest.chat, headers=PAGE)).text
    found = re.search(r'id="earlier" href="\./([^"]+)"', page)
    assert found
    stranger = Caller(house.url)
    assert (await stranger.ask("GET", f"{guest.chat}older{found[1]}")).status == 404
    assert (await other.ask("GET", f"{other.chat}older{found[1]}")).json == {"earlier": "", "items": []}
