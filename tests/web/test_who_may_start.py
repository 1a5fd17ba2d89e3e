"""A link with a passcode or a code, in the browser and without scripts: asked for, complained about, then the chat."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.passcodes import cheap_passcodes
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House
from tests.web.test_invitations import used
from tests.web.visiting import IN_BROWSER, browser, context, gemini, house, sqlite_db

__all__ = ["browser", "cheap_passcodes", "context", "gemini", "house", "sqlite_db"]

pytestmark = IN_BROWSER


async def test_a_form_without_scripts_asks_again_and_keeps_the_name(house: House) -> None:
    made = await house.link(access="passcode")
    caller = Caller(house.url)
    shown = await caller.ask("GET", made.url, headers=PAGE)
    sent = {"key": shown.hidden("key"), "name": "Robin", "consent": "yes", "passcode": "no-such-words"}
    wrong = await caller.ask("POST", made.url + "/start", data=sent, headers=PAGE)
    assert wrong.status == 403 and "not the passcode" in wrong.text and 'value="Robin"' in wrong.text
    assert "no-such-words" not in wrong.text and not caller.cookies
    assert await used(house, made.link.id) == 0
    right = await caller.ask("POST", made.url + "/start", data=sent | {"passcode": made.passcode.upper()}, headers=PAGE)
    assert right.status == 303 and caller.cookies


@pytest.mark.usefixtures("cheap_passcodes")
async def test_too_many_tries_are_refused_with_the_time_that_helps(house: House) -> None:
    made = await house.link(access="passcode")
    answers = [await Caller(house.url).start(made.url, passcode="no-such-words") for _ in range(61)]
    assert [each.status for each in answers] == [403] * 60 + [429]
    assert int(answers[-1].headers["Retry-After"]) <= 61 and answers[-1].json["code"] == "passcode"


async def test_a_dead_link_asks_for_no_passcode(house: House) -> None:
    made = await house.link(access="passcode")
    await house.links.revoke(OWNER, made.link.id)
    answer = await Caller(house.url).ask("GET", made.url, headers=PAGE)
    started = await Caller(house.url).start(made.url, passcode=made.passcode)
    assert (answer.status, started.status) == (404, 404) and "asscode" not in answer.text + started.text


async def test_in_a_browser_a_wrong_passcode_is_said_and_the_right_one_opens(
    house: House, context: BrowserContext
) -> None:
    made = await house.link(access="passcode")
    page = await context.new_page()
    await page.goto(made.url)
    await page.get_by_label("Passcode").fill("no-such-words")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.get_by_role("alert")).to_contain_text("not the passcode")
    await page.get_by_label("Passcode").fill(made.passcode)
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()


FOR_ONE = {"access": "mail", "addressee": "anna@acme.com"}


async def test_without_scripts_a_code_is_sent_and_then_asked_for(house: House) -> None:
    made = await house.link(**FOR_ONE)
    caller = Caller(house.url)
    shown = await caller.ask("GET", made.url, headers=PAGE)
    assert "a•••@acme.com" in shown.text and "anna" not in shown.text and house.codes == []
    sent = {"key": shown.hidden("key"), "name": "Robin", "consent": "yes"}
    asked = await caller.ask("POST", made.url + "/code", data=sent, headers=PAGE)
    assert asked.status == 200 and "Send another code" in asked.text and " checked" in asked.text
    assert asked.hidden("key") == sent["key"] and 'value="Robin"' in asked.text and 'action="start"' in asked.text
    wrong = await caller.ask("POST", made.url + "/start", data=sent | {"code": "1"}, headers=PAGE)
    assert wrong.status == 403 and "not the code" in wrong.text and not caller.cookies
    assert await used(house, made.link.id) == 0
    right = await caller.ask("POST", made.url + "/start", data=sent | {"code": house.codes[-1]}, headers=PAGE)
    assert right.status == 303 and caller.cookies


async def test_previews_and_strangers_have_no_code_sent(house: House) -> None:
    made = await house.link(**FOR_ONE)
    for method in ("GET", "HEAD"):
        await Caller(house.url).ask(method, made.url + "/code", headers=PAGE)
        await Caller(house.url).ask(method, made.url, headers=PAGE)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = await Caller(house.url).ask("POST", made.url + "/code", json={"key": "k" * 22}, headers=elsewhere)
    assert answer.status == 403
    for_all = await house.link()
    assert (await Caller(house.url).ask("POST", for_all.url + "/code", json={"key": "k" * 22})).status == 404
    assert house.codes == []


async def test_in_a_browser_a_code_is_sent_written_and_opens_the_chat(house: House, context: BrowserContext) -> None:
    made = await house.link(access="member", addressee="U2")
    page = await context.new_page()
    await page.goto(made.url)
    await expect(page.get_by_role("button", name="Start the chat")).to_be_hidden()
    await page.get_by_role("button", name="Send me the code").click()
    code = page.get_by_label("Code")
    await expect(code).to_be_focused()
    await code.fill("0")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.get_by_role("alert")).to_contain_text("not the code")
    await page.get_by_role("button", name="Send another code").click()
    await expect(page.get_by_role("alert")).to_be_hidden()
    assert len(house.codes) == 2
    await code.fill(house.codes[-1])
    await code.press("Enter")
    await expect(page.locator("body[data-connection=live]")).to_be_visible()


async def test_without_scripts_who_lost_the_cookie_comes_back_and_the_other_browser_is_told(house: House) -> None:
    made = await house.link(**FOR_ONE)
    first, other = Caller(house.url), Caller(house.url)
    key = "k" * 22
    await first.ask("POST", made.url + "/code", json={"key": key})
    assert (await first.start(made.url, key, code=house.codes[-1])).status == 201
    shown = await other.ask("GET", made.url, headers=PAGE)
    assert "open in another browser" in shown.text and "consent" not in shown.text and not other.cookies
    sent = {"key": shown.hidden("key")}
    asked = await other.ask("POST", made.url + "/code", data=sent, headers=PAGE)
    assert asked.status == 200 and "Continue here" in asked.text
    wrong = await other.ask("POST", made.url + "/start", data=sent | {"code": "1"}, headers=PAGE)
    assert wrong.status == 403 and "open in another browser" in wrong.text and not other.cookies
    back = await other.ask("POST", made.url + "/start", data=sent | {"code": house.codes[-1]}, headers=PAGE)
    assert back.status == 303 and back.headers["Location"] == first.chat
    old = await first.ask("GET", first.chat, headers=PAGE)
    assert old.status == 410 and "goes on on another device" in old.text
    assert await used(house, made.link.id) == 1


async def test_in_a_browser_without_its_cookie_the_chat_goes_on_by_a_new_code(
    house: House, context: BrowserContext
) -> None:
    made = await house.link(access="member", addressee="U2")
    page = await context.new_page()
    for go in ("Start the chat", "Continue here"):
        await page.goto(made.url)
        await page.get_by_role("button", name="Send me the code").click()
        await expect(page.get_by_label("Code")).to_be_focused()
        if go == "Start the chat":
            await page.get_by_role("checkbox").check()
        await page.get_by_label("Code").fill(house.codes[-1])
        await page.get_by_role("button", name=go).click()
        await expect(page.locator("body[data-connection=live]")).to_be_visible()
        await context.clear_cookies()
    assert await used(house, made.link.id) == 1
