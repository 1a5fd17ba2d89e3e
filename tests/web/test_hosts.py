"""What a guest sees when a person steps in, in a browser and without scripts."""

import asyncio
import re

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from bot.services.links import Guest
from bot.services.links.hosting.rewording import Rewritten
from playground.gemini import Break, Reply, text
from storage.tables import RateLimit, Session
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House
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


async def the_session(house: House) -> str:
    async with house.db.read() as tables:
        found = await tables.session.scalar(sa.select(Session.id))
    assert found
    return found


async def reworded(house: House, session_id: str, words: str) -> None:
    async with house.db.read() as tables:
        session = await tables.sessions.get("T1", session_id)
        link = await tables.links.get("T1", session.link_id) if session else None
    assert session and link
    guest = Guest(link, session)
    assert await house.hosting.reword(guest.creator, guest, Rewritten("slack:D1:1.0", words))


async def no_limits(house: House) -> None:
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))


@on_both_sizes
async def test_a_person_steps_in_speaks_and_hands_back(house: House, opened: Opening) -> None:
    house.model.script(Reply([[text("It ships on ")], Break.HOLD]))
    page = await opened((await house.link()).url)
    await expect(page.locator("#who")).to_have_text("AI assistant")
    await said(page, "When does it ship?")
    await expect(page.locator(".agent .words")).to_contain_text("ships on")
    session = await the_session(house)
    await house.hosting.say(OWNER, session, "Hello, *Anna* here.", "slack:D1:1.0")
    await expect(page.locator(".said.host .words")).to_have_text("Hello, *Anna* here.")
    await expect(page.locator(".said.host .who")).to_have_text("Anna")
    await expect(page.locator(".agent")).to_contain_text("(stopped here)")
    await expect(page.locator("#who")).to_have_text("Anna answers you")
    await expect(page.locator(".turned")).to_have_text("Anna has joined. A person answers you now.")
    await expect(page.locator("#status")).to_be_hidden()

    await reworded(house, session, "Hello, it is me.")
    await expect(page.locator(".said.host .words")).to_have_text("Hello, it is me.")
    await expect(page.locator(".said.host .words")).to_have_attribute("data-mark", "edited")
    await expect(page.locator("#spoken")).to_have_text("Anna: Hello, it is me. (edited)")

    await no_limits(house)
    await said(page, "Good to meet you!")
    await expect(page.locator(".said.guest").last).to_have_text(re.compile("Good to meet you!"))
    await expect(page.locator(".said.guest").last).not_to_have_attribute("data-pending", "")
    await expect(page.locator("#status")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#who")).to_have_text("Anna answers you")
    await expect(page.locator("#status")).to_be_hidden()
    await expect(page.locator(".said.host .words")).to_have_attribute("data-mark", "edited")
    order = await page.locator("#log > li").evaluate_all("each => each.map(one => one.className)")
    assert order == ["said guest", "said agent", "turned", "said host", "said guest"]

    house.model.will_say("At your service again.")
    await house.hosting.hand_back(OWNER, session)
    await expect(page.locator(".said.agent .words").last).to_have_text("At your service again.")
    await expect(page.locator("#who")).to_have_text("AI assistant")
    await reworded(house, session, "")
    await expect(page.locator(".said.host .words")).to_have_text("This message was taken back.")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_guest_asks_for_a_person(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Ask for a person").click()
    await expect(page.locator("#who")).to_have_text("AI assistant · Anna was asked to join")
    await expect(page.locator(".turned")).to_contain_text("Anna has been told that you would like to talk to a person")
    await page.locator(".menu summary").click()
    await expect(page.get_by_role("button", name="Ask for a person")).to_be_hidden()


async def test_what_a_host_ends_can_still_be_saved(house: House, opened: Opening) -> None:
    house.model.will_say("Good morning.")
    page = await opened((await house.link()).url)
    await said(page, "Hello")
    await expect(page.locator(".agent .words")).to_have_text("Good morning.")
    await house.hosting.end(OWNER, await the_session(house))
    await expect(page.locator(".over")).to_contain_text("has ended the chat")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Save the transcript").click()
    kept = await (await saving.value).path()
    assert "Good morning." in await asyncio.to_thread(kept.read_text)


async def test_without_scripts_it_is_all_there(house: House) -> None:
    guest = await house.guest()
    shown = await guest.ask("GET", guest.chat, headers=PAGE)
    answer = await guest.ask("POST", guest.chat + "person", data={"form": shown.hidden("form")}, headers=PAGE)
    assert answer.status == 303
    again = await guest.ask("POST", guest.chat + "person", data={"form": shown.hidden("form")}, headers=PAGE)
    assert again.status == 409 and "Your host has been told already" in again.text
    session = await the_session(house)
    await house.hosting.say(OWNER, session, "Hello <b>there</b>", "slack:D1:1.0")
    for _ in range(200):
        shown = await guest.ask("GET", guest.chat, headers=PAGE)
        if "said host" in shown.text:
            break
        await asyncio.sleep(0.02)
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in shown.text
    await reworded(house, session, "Hello <i>you</i>")
    shown = await guest.ask("GET", guest.chat, headers=PAGE)
    assert 'data-changed="edited" data-mark="edited">Hello &lt;i&gt;you&lt;/i&gt;</div>' in shown.text
    assert 'data-state="host">Anna answers you</span>' in shown.text
    assert "Anna has joined. A person answers you now." in shown.text


async def test_a_person_who_comes_ends_the_wait_for_their_yes(house: House, opened: Opening) -> None:
    page = await opened((await house.link()).url)
    session = await the_session(house)
    async with house.db.begin() as tables:
        found = await tables.sessions.get("T1", session)
        assert found
        await tables.events.add("T1", found.conversation_id, None, "status", {"state": "waiting", "text": ""})
    await house.bus.tell(f"conversation:{found.conversation_id}")
    await expect(page.locator("#status")).to_contain_text("Waiting for the host")
    await house.hosting.take_over(OWNER, session)
    await expect(page.locator("#who")).to_have_text("Anna answers you")
    await expect(page.locator("#status")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#status")).to_be_hidden()


async def test_who_asks_without_the_form_is_refused(house: House) -> None:
    guest = await house.guest()
    assert (await guest.ask("POST", guest.chat + "person", data={"form": "x"}, headers=PAGE)).status == 403
    stranger = await house.guest()
    stranger.cookies = {}
    assert (await stranger.ask("POST", guest.chat + "person", json={})).status == 404


async def test_the_invitation_and_the_chat_name_who_invites(house: House) -> None:
    created = await house.link()
    async with house.db.begin() as tables:
        await tables.workspaces.ensure("T1", "<b>Acme</b>")
    guest = Caller(house.url)
    shown = await guest.ask("GET", created.url, headers=PAGE)
    assert "<bdi>Anna</bdi> · <bdi>&lt;b&gt;Acme&lt;/b&gt;</bdi> invites you to a chat" in shown.text
    assert "Anna (&lt;b&gt;Acme&lt;/b&gt;) can read what I write here" in shown.text
    meta = "".join(re.findall(r"<(?:title|meta)[^>]*>[^<]*", shown.text))
    assert "Anna" not in meta and "Acme" not in meta  # previews show them to whoever the link is sent past
    await guest.start(created.url)
    assert "<bdi>Anna</bdi>" in (await guest.ask("GET", guest.chat, headers=PAGE)).text


async def test_an_installation_may_keep_its_hosts_to_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.hosting, "_named", False)
    monkeypatch.setattr(house.hosting, "_names", None)
    created = await house.link()
    shown = await Caller(house.url).ask("GET", created.url, headers=PAGE)
    assert "Anna" not in shown.text and "the person who sent me this link can read what I write here" in shown.text
    guest = await house.guest()
    assert "Your host has been told" in (await guest.ask("POST", guest.chat + "person", json={})).json["text"]
