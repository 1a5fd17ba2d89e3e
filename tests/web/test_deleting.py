"""A guest deletes their conversation, in a browser and without scripts; who was told so finds nothing of it."""

import asyncio

import pytest
from playwright.async_api import expect

from bot.services.links.ending.ending import end_session
from tests.web.caller import PAGE, Caller, frames, until
from tests.web.sidecar import OWNER, House
from tests.web.test_hosts import no_limits, the_session
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER
GONE = "You deleted this conversation."


async def guest_who_spoke(house: House) -> Caller:
    guest = await house.guest()
    house.model.will_say("Zebulon is a fine name.")
    async with guest.asking("GET", guest.chat + "events") as stream:
        await guest.say("My cat is called Zebulon.")
        await until(frames(stream), "message", author="agent")
    await house.all_told()
    return guest


async def test_it_is_asked_once_more_and_then_the_page_is_empty(house: House, opened: Opening) -> None:
    house.model.will_say("Zebulon is a fine name.")
    page = await opened((await house.link()).url)
    await said(page, "My cat is called Zebulon.")
    await expect(page.locator(".agent .words")).to_contain_text("fine name")
    await expect(page.locator(".opening")).to_contain_text("deleted 30 days after the chat ends")
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Delete the conversation").click()
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator("#log")).to_contain_text("Zebulon")
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Delete the conversation").click()
    async with page.expect_response("**/delete") as answered:
        await page.get_by_role("button", name="Delete it").click()
    assert await (await answered.value).finished() is None
    await expect(page.locator("body")).to_contain_text(GONE)
    await expect(page.locator("body")).not_to_contain_text("Zebulon")
    assert await page.context.cookies() == []
    await page.reload()
    await expect(page.locator("body")).not_to_contain_text("Zebulon")


async def test_what_a_host_ended_can_still_be_deleted(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    await house.hosting.end(OWNER, await the_session(house))
    await page.get_by_role("button", name="Delete the conversation").click()
    await page.get_by_role("button", name="Delete it").click()
    await expect(page.locator("body")).to_contain_text(GONE)


async def test_without_scripts_a_page_asks_once_more(house: House) -> None:
    guest = await guest_who_spoke(house)
    chat = await guest.ask("GET", guest.chat, headers=PAGE)
    form = {"form": chat.hidden("form")}
    asked = await guest.ask("POST", guest.chat + "delete", headers=PAGE, data=form)
    assert asked.status == 200 and "Delete this conversation?" in asked.text and "Set-Cookie" not in asked.headers
    assert "Zebulon" in (await guest.ask("GET", guest.chat, headers=PAGE)).text
    sure = {"form": asked.hidden("form"), "sure": asked.hidden("sure")}
    done = await guest.ask("POST", guest.chat + "delete", headers=PAGE, data=sure)
    assert GONE in done.text and guest.cookies == {}


async def test_another_tab_is_told_and_can_read_nothing_any_more(house: House) -> None:
    guest = await guest_who_spoke(house)
    other = Caller(house.url)
    other.cookies, other.chat = dict(guest.cookies), guest.chat
    async with other.asking("GET", other.chat + "events") as stream:
        following = frames(stream)
        assert "Zebulon" in str(await until(following, "message", author="agent"))
        assert (await guest.ask("POST", guest.chat + "delete", json={"sure": True})).status == 200
        async with asyncio.timeout(60):
            told = await until(following, "end")
        assert told[-1]["data"]["reason"] == "deleted"
    for path in ("", "state", "transcript", "events"):
        answer = await other.ask("GET", other.chat + path)
        assert answer.status in (404, 410) and "Zebulon" not in answer.text, path
    assert "deleted" in (await other.ask("GET", other.chat, headers=PAGE)).text
    again = await other.ask("POST", other.chat + "delete", json={"sure": True})
    assert again.status == 404


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Cookie": ""}])
async def test_nobody_else_can_have_it_deleted(house: House, headers: dict[str, str]) -> None:
    guest = await guest_who_spoke(house)
    attacker = Caller(house.url)
    attacker.cookies, attacker.chat = ({} if "Cookie" in headers else dict(guest.cookies)), guest.chat
    answer = await attacker.ask("POST", guest.chat + "delete", json={"sure": True}, headers=headers)
    assert answer.status in (403, 404)
    unsure = await guest.ask("POST", guest.chat + "delete", json={})
    assert unsure.status == 422
    forged = await guest.ask("POST", guest.chat + "delete", data={"form": "x", "sure": "yes"}, headers=PAGE)
    assert forged.status == 403
    assert "Zebulon" in (await guest.ask("GET", guest.chat, headers=PAGE)).text


async def test_the_invitation_says_how_long_it_is_kept_and_a_link_may_keep_it_for_less(house: House) -> None:
    caller = Caller(house.url)
    usual = await caller.ask("GET", (await house.link()).url, headers=PAGE)
    short = await caller.ask("GET", (await house.link(keep_hours=2)).url, headers=PAGE)
    assert "deleted 30 days after the chat ends" in usual.text and "deleted 2 hours after" in short.text


async def test_a_chat_whose_time_is_over_says_so(house: House) -> None:
    guest = await guest_who_spoke(house)
    async with house.db.begin() as tables:
        session = await tables.sessions.get("T1", await the_session(house))
        assert session
        link = await tables.links.get("T1", session.link_id)
        assert link
        await end_session(tables, link, session, "host")
        asked = await tables.erasures.ask("T1", session.id, "time")
    assert asked and await house.links.erasing.finish(asked)
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    assert page.status == 410 and "its time was up" in page.text and "transcript" not in page.text
    await no_limits(house)
