"""A start that has to be worked for: a real browser calculates it, a form without scripts is told what helps."""

import asyncio
import re

import pytest
from altcha import Challenge, Payload, solve_challenge
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from bot.services.links.admission import crowds, proofs, work
from bot.services.links.admission.crowds import Crowds
from storage.repositories.work.rates import Limit
from tests.support.axe import complaints
from tests.web.caller import PAGE, Answer, Caller
from tests.web.sidecar import House
from tests.web.test_invitations import used
from tests.web.visiting import IN_BROWSER, PHONE, browser, context, gemini, house, on_both_sizes, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "sqlite_db"]

pytestmark = IN_BROWSER


@pytest.fixture(autouse=True)
def crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """One start an hour is all that is no crowd; the work is asked for in the same way, and little."""
    monkeypatch.setattr(crowds, "OF_LINK", Limit(1, 3_600_000_000))
    monkeypatch.setattr(proofs, "_COST", 20)


async def crowded(house: House) -> str:
    """The address of a link on which a crowd starts."""
    url = (await house.link(max_sessions=20)).url
    for _ in range(2):
        assert (await Caller(house.url).start(url)).status == 201
    return url


def solved(answer: Answer) -> str:
    challenge = Challenge.from_dict(answer.json["challenge"])
    found = solve_challenge(challenge)
    assert found
    return Payload(challenge, found).to_base64()


async def pressed(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_label("Your name").fill("Robin")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()


async def test_a_browser_calculates_and_is_let_in(house: House, context: BrowserContext) -> None:
    url = await crowded(house)
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda told: problems.append(told.text) if "Content Security" in told.text else None)
    await pressed(page, url)
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    assert problems == []


@on_both_sizes
async def test_what_it_does_is_told_and_can_be_called_off(
    house: House, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await crowded(house)
    monkeypatch.setattr(proofs, "_PREFIX", "00" * 8)  # nobody finds that
    page = await context.new_page()
    await pressed(page, url)
    await expect(page.get_by_role("status")).to_contain_text("so your browser does a short calculation first")
    go = page.locator("#go")
    # Each second is told for a second, which may pass unseen.
    await expect(go).to_have_text(re.compile(r"^Calculating: (1 second|([2-9]|\d\d+) seconds)$"))
    assert await go.is_disabled() and await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Start the chat")).to_be_focused()
    await expect(page.get_by_role("status")).to_be_hidden()
    await expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    monkeypatch.setattr(proofs, "_PREFIX", "00")
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()


async def test_a_browser_that_cannot_calculate_is_let_in_slowly_and_then_told_what_helps(
    house: House, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long three pages take here, none of them is given back meanwhile.
    monkeypatch.setattr(work, "WITHOUT", Limit(work.WITHOUT.burst, 3_600_000_000))
    url = await crowded(house)

    async def gone(route: Route) -> None:
        await route.abort()

    await context.route("**/pbkdf2*", gone)
    for _ in range(work.WITHOUT.burst):
        page = await context.new_page()
        await pressed(page, url)
        await expect(page.locator("body[data-connection=live]")).to_be_visible()
        await context.clear_cookies()
    page = await context.new_page()
    await pressed(page, url)
    await expect(page.get_by_role("alert")).to_contain_text("Turn JavaScript on for this page")
    await expect(page.get_by_label("Your name")).to_have_value("Robin")


async def test_without_scripts_a_crowd_is_told_when_to_try_again_and_keeps_the_name(house: House) -> None:
    url = await crowded(house)
    answers = [await without_scripts(house, url) for _ in range(work.WITHOUT.burst + 1)]
    *entered, last = [each.status for each in answers]
    assert entered == [303] * work.WITHOUT.burst and last == 429
    assert "Turn JavaScript on" in answers[-1].text and 'value="Robin"' in answers[-1].text
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 21 and " checked" in answers[-1].text


async def without_scripts(house: House, url: str) -> Answer:
    caller = Caller(house.url)
    shown = await caller.ask("GET", url, headers=PAGE)
    sent = {"key": shown.hidden("key"), "name": "Robin", "consent": "yes"}
    return await caller.ask("POST", url + "/start", data=sent, headers=PAGE)


async def test_a_script_is_told_the_work_does_it_once_and_is_refused_what_was_used(house: House) -> None:
    url = await crowded(house)
    caller = Caller(house.url, "de")
    asked = await caller.start(url)
    assert (asked.status, asked.json["code"]) == (403, "work_needed") and "Berechnung" in asked.json["text"]
    assert set(asked.json["words"]) == {"entry.work_doing", "entry.work_stop"} and not caller.cookies
    given = solved(asked)
    assert (await caller.start(url, work=given)).status == 201
    replayed = await Caller(house.url).start(url, work=given)
    assert (replayed.status, replayed.json["code"]) == (403, "work_used") and replayed.json["challenge"]
    other = await crowded(house)
    elsewhere = await Caller(house.url).start(other, work=solved(replayed))
    assert (elsewhere.status, elsewhere.json["code"]) == (403, "work_wrong") and elsewhere.json["challenge"]


async def test_a_dead_link_asks_for_no_work_and_looks_as_every_dead_one(house: House) -> None:
    full = await house.link(max_sessions=2)
    for _ in range(2):
        await Caller(house.url).start(full.url)
    one = await Caller(house.url).start(full.url)
    none = await Caller(house.url).start(house.url + "/temp-chat/tc_none")
    assert (one.status, one.text) == (none.status, none.text) == (404, none.text)


async def test_two_hundred_at_once_get_the_places_that_there_are(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its own work: as exact as without."""

    async def always(self: Crowds, link: object) -> bool:
        return True

    monkeypatch.setattr(Crowds, "here", always)
    monkeypatch.setattr(proofs, "_COST", 1)
    made = await house.link(max_sessions=7)
    crowd = [Caller(house.url) for _ in range(200)]
    asked = await asyncio.gather(*(each.start(made.url) for each in crowd))
    given = await asyncio.to_thread(lambda: [solved(each) for each in asked])
    answers = await asyncio.gather(*(each.start(made.url, work=it) for each, it in zip(crowd, given, strict=True)))
    assert sorted(each.status for each in answers) == [201] * 7 + [404] * 193
    assert await used(house, made.link.id) == 7


async def test_the_page_of_a_link_for_anybody_may_start_one_worker_and_no_other_page_may(house: House) -> None:
    open_one, closed = await house.link(), await house.link(access="passcode")
    policies = [
        (await Caller(house.url).ask("GET", made.url, headers=PAGE)).headers["Content-Security-Policy"]
        for made in (open_one, closed)
    ]
    assert "worker-src 'self'" in policies[0] and "trusted-types usher-work" in policies[0]
    assert "worker-src" not in policies[1] and "trusted-types 'none'" in policies[1]


async def test_axe_finds_nothing_while_it_works_nor_where_somebody_comes_back(
    house: House, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await crowded(house)
    monkeypatch.setattr(proofs, "_PREFIX", "00" * 8)  # nobody finds that
    made = await house.link(access="member", addressee="U2")
    first = Caller(house.url)
    await first.ask("POST", made.url + "/code", json={"key": "k" * 22})
    assert (await first.start(made.url, "k" * 22, code=house.codes[-1])).status == 201
    context = await browser.new_context(**PHONE, bypass_csp=True, reduced_motion="reduce", locale="ar")
    page = await context.new_page()
    await page.goto(made.url)
    await page.locator("#send").click()
    await expect(page.locator("[name=code]")).to_be_focused()
    assert await complaints(page) == []
    await page.goto(url)
    await page.get_by_role("checkbox").check()
    await page.locator("#go").click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert await complaints(page) == []
