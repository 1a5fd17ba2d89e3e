"""Under each message its time; under an answer what its reader can do: copy it, and say how good it was."""

import asyncio
import re

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, expect

from bot.services.links.rating import CHANGES
from bot.slack.screens.guests import guest_threads
from playground.gemini import Reply, text
from storage.tables import Event
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House
from tests.web.visiting import (
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
ANSWER = "Take **this**:\n\n```python\nprint(1)\n```"


async def events(house: House, kind: str) -> list[Event]:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(Event).where(Event.kind == kind).order_by(Event.seq)))


async def answered(house: House, **draft: object) -> tuple[Caller, str]:
    """A guest who has an answer, and the turn that gave it."""
    house.model.will_say("It ships on Monday.")
    guest = await house.guest(**draft)
    await guest.say("When?")
    await guest.told(lambda told: any(each["event"] == "status" and each["data"]["state"] == "done" for each in told))
    answer = next(event for event in await events(house, "message") if event.body["author"] == "agent")
    assert answer.turn_id
    return guest, answer.turn_id


async def test_each_message_says_when_it_was_on_the_readers_own_clock(house: House, browser: Browser) -> None:
    house.model.will_say("Good morning.")
    guest = await browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB")
    page = await guest.new_page()
    await page.goto((await house.link()).url)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await said(page, "Hello")
    await expect(page.locator(".under-said time")).to_have_count(2)
    expected = await page.evaluate(
        "[...document.querySelectorAll('time')].map(each => new Date(each.dateTime)"
        ".toLocaleTimeString('en-GB', {timeZone: 'Asia/Tokyo', timeStyle: 'short'}))"
    )
    assert await page.locator(".under-said time").all_text_contents() == expected
    await page.reload()
    await expect(page.locator(".under-said time").last).to_have_text(expected[-1])
    assert re.search(r"\d{4}", await page.locator("time").last.get_attribute("title") or "")


@on_both_sizes
async def test_an_answer_is_copied_as_it_reads(house: House, opened: Opening) -> None:
    house.model.script(Reply([[text(ANSWER)]]))
    page = await opened((await house.link()).url)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await said(page, "How?")
    await page.get_by_role("button", name="Copy the answer").click()
    await expect(page.locator(".copy-all[data-done]")).to_have_attribute("data-done", "Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.split() == ["Take", "this:", "print(1)"]


async def test_a_thumb_stays_and_stands_in_each_tab(house: House, opened: Opening) -> None:
    house.model.will_say("It ships on Monday.")
    page = await opened((await house.link()).url)
    await said(page, "When?")
    up = page.get_by_role("button", name="Helpful", exact=True)
    await expect(up).to_have_attribute("aria-pressed", "false")
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(other.locator("body[data-connection=live]")).to_be_visible()
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "true")
    await expect(other.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Not helpful").click()
    await expect(up).to_have_attribute("aria-pressed", "false")
    await page.reload()
    await expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Not helpful").click()
    await expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "false")
    assert [event.body["verdict"] for event in await events(house, "rating")] == ["up", "down", ""]


async def test_without_scripts_a_thumb_is_a_button_of_a_form(house: House) -> None:
    guest, turn = await answered(house)
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    assert f'form="rating" name="up" value="{turn}" aria-pressed="false"' in page.text
    pressed = {"form": page.hidden("form"), "up": turn}
    assert (await guest.ask("POST", guest.chat + "rating", data=pressed, headers=PAGE)).status == 303
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    assert f'form="rating" name="up" value="{turn}" aria-pressed="true"' in page.text


async def test_its_host_reads_in_the_thread_what_the_guest_thinks_of_which_answer(house: House) -> None:
    guest, turn = await answered(house)
    await guest.ask("POST", guest.chat + "rating", json={"turn": turn, "verdict": "down"})
    blocks, _ = guest_threads.part(await events(house, "rating"))
    assert "Robin found this answer not helpful: It ships on Monday." in str(blocks)


async def test_nobody_rates_anothers_answer_nor_what_is_none(house: House) -> None:
    guest, turn = await answered(house, max_sessions=2)
    stranger = await house.guest(title="Another")
    for caller, named in ((stranger, turn), (guest, "nothing"), (guest, "")):
        answer = await caller.ask("POST", caller.chat + "rating", json={"turn": named, "verdict": "up"})
        assert answer.status == 409
    wrong = await guest.ask("POST", guest.chat + "rating", json={"turn": turn, "verdict": "sideways"})
    assert wrong.status == 409
    assert not await events(house, "rating")


async def test_a_guest_who_cannot_make_up_their_mind_fills_no_log(house: House) -> None:
    guest, turn = await answered(house)
    asked = [{"turn": turn, "verdict": ("up", "down")[number % 2]} for number in range(10 * CHANGES)]
    answers = await asyncio.gather(*[guest.ask("POST", guest.chat + "rating", json=each) for each in asked])
    assert {answer.status for answer in answers} == {200, 409}
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.json["text"] == f"You have changed this verdict {CHANGES} times: it stays as it is now."
    assert len(await events(house, "rating")) == CHANGES


@pytest.mark.parametrize("verdict", ["up", ""])
async def test_a_chat_that_is_over_takes_no_more_verdicts(house: House, verdict: str) -> None:
    guest, turn = await answered(house)
    await guest.ask("POST", guest.chat + "end", json={})
    answer = await guest.ask("POST", guest.chat + "rating", json={"turn": turn, "verdict": verdict})
    assert answer.status == 404
