"""A chat goes on on another device: two browsers at once, without scripts, and by whoever merely looks."""

import re

from playwright.async_api import Browser, expect

from tests.web.caller import PAGE, Caller, frames, until
from tests.web.sidecar import House
from tests.web.visiting import IN_BROWSER, PHONE, Opening, browser, context, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER


async def offered(guest: Caller) -> str:
    form = (await guest.ask("GET", guest.chat, headers=PAGE)).hidden("form")
    page = await guest.ask("POST", guest.chat + "move", data={"form": form}, headers=PAGE)
    assert page.status == 200
    found = re.search(r'class="move-code" dir="ltr">([0-9A-Z-]{9})<', page.text)
    assert found and "<svg" in page.text
    return found[1]


async def taken(house: House, other: Caller, code: str):
    page = await other.ask("GET", house.url + "/temp-chat/continue", headers=PAGE)
    body = {"key": page.hidden("key"), "code": code}
    return await other.ask("POST", house.url + "/temp-chat/continue", data=body, headers={**PAGE, "Origin": "null"})


async def test_without_scripts_the_code_moves_it_and_the_old_device_is_told_and_logged_out(house: House) -> None:
    guest, other = await house.guest(), Caller(house.url)
    code = await offered(guest)
    moved = await taken(house, other, code)
    assert moved.status == 303 and moved.headers["Location"] == guest.chat
    assert "Trip planning" in (await other.ask("GET", guest.chat, headers=PAGE)).text
    script = await guest.ask("GET", guest.chat + "state?wait=0")
    assert (script.status, script.json["reason"]) == (404, "moved")
    assert guest.cookies == {} and other.cookies
    said_by_old = await guest.ask("POST", guest.chat + "messages", json={"text": "Hi", "client_id": "c" * 16})
    assert said_by_old.status == 404


async def test_the_old_devices_page_says_where_it_went_and_shows_nothing_of_it(house: House) -> None:
    guest, other = await house.guest(), Caller(house.url)
    await taken(house, other, await offered(guest))
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    assert page.status == 410 and "goes on on another device" in page.text and "transcript" not in page.text


async def test_an_open_stream_of_the_old_device_is_told_the_end_and_nothing_after_it(house: House) -> None:
    guest, other = await house.guest(), Caller(house.url)
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await until(stream, "hello")
        assert (await taken(house, other, await offered(guest))).status == 303
        seen = await until(stream, "end", reason="moved")
        assert [each["event"] for each in seen] == ["end"]
        assert [each async for each in stream] == []
    async with other.asking("GET", guest.chat + "events?after=") as response:
        await until(frames(response), "hello")


async def test_looking_moves_nothing_and_neither_does_another_sites_form(house: House) -> None:
    guest, other = await house.guest(), Caller(house.url)
    code = await offered(guest)
    for method in ("GET", "HEAD"):
        looked = await other.ask(method, f"{house.url}/temp-chat/continue?code={code}", headers=PAGE)
        assert looked.status == 200 and code not in looked.text and not other.cookies
    body = {"key": "k" * 22, "code": code}
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    forged = await other.ask("POST", house.url + "/temp-chat/continue", data=body, headers=elsewhere)
    assert forged.status == 403
    wrong = await taken(house, other, "0000-0000")
    assert wrong.status == 403 and "opens nothing" in wrong.text and not other.cookies
    strangers = await other.ask("POST", guest.chat + "move", data={"form": "x"}, headers=PAGE)
    assert strangers.status == 404
    assert (await taken(house, other, code)).status == 303


async def test_from_a_desktop_to_a_phone_by_the_picture(house: House, browser: Browser, opened: Opening) -> None:
    house.model.will_say("Hello there.")
    page = await opened((await house.link()).url)
    await said(page, "Hi")
    await expect(page.get_by_role("log").get_by_text("Hello there.")).to_be_visible()
    other_tab = await page.context.new_page()
    await other_tab.goto(page.url)
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Continue on another device").click()
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    code = await page.locator(".move-code").text_content()
    phone = await (await browser.new_context(**PHONE)).new_page()
    await phone.goto(f"{house.url}/temp-chat/continue#{code}")
    await expect(phone.get_by_label("Code")).to_have_value(code or "")
    assert "#" not in phone.url
    await phone.get_by_role("button", name="Continue here").click()
    await expect(phone.get_by_role("log").get_by_text("Hello there.")).to_be_visible()
    await expect(other_tab.get_by_text("This chat goes on on another device.")).to_be_visible()
    await expect(other_tab.get_by_text("Hello there.")).to_have_count(0)
    await page.get_by_role("link", name="Back to the chat").click()
    await expect(page.get_by_text("This chat goes on on another device.")).to_be_visible()
    house.model.will_say("Still here.")
    await said(phone, "And now?")
    await expect(phone.get_by_role("log").get_by_text("Still here.")).to_be_visible()
