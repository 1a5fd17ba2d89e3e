"""A link with a passcode in the browser and without scripts: asked for, complained about, and then the chat."""

from playwright.async_api import BrowserContext, expect

from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House
from tests.web.test_invitations import used
from tests.web.visiting import IN_BROWSER, browser, context, gemini, house, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "sqlite_db"]

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
