"""Who only looks at a link, by whatever program, leaves it as it was: nothing used up, nothing begun, no cookie."""

from itertools import product

import pytest
import sqlalchemy as sa
from playwright.async_api import BrowserContext, expect

from storage.tables import Conversation, Link, Session
from tests.web.caller import PAGE, Answer, Caller
from tests.web.sidecar import House
from tests.web.test_invitations import PREVIEWERS
from tests.web.visiting import IN_BROWSER, browser, context, gemini, house, sqlite_db

__all__ = ["browser", "context", "gemini", "house", "sqlite_db"]

pytestmark = IN_BROWSER
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "looks": ("GET", {}),
    "asks for the head": ("HEAD", {}),
    "asks for a part": ("GET", {"Range": "bytes=0-1023"}),
    "asks whether it changed": ("GET", {"If-Modified-Since": "Sun, 29 Nov 2026 00:00:00 GMT", "If-None-Match": "*"}),
    "comes from elsewhere": ("GET", {"Sec-Fetch-Site": "cross-site", "Referer": "https://elsewhere.example/"}),
    "loads ahead": ("GET", {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}),
}


async def stored(house: House) -> list[object]:
    """What stands of links and of those who began."""
    async with house.db.read() as tables:
        links = await tables.session.execute(sa.select(Link.id, Link.used_sessions, Link.revoked_at, Link.closed_at))
        counts = [await tables.session.scalar(sa.select(sa.func.count(each.id))) for each in (Session, Conversation)]
    return [*sorted(map(tuple, links)), counts]


async def test_no_previewer_changes_anything_whichever_way_it_asks(house: House) -> None:
    created = await house.link()
    before = await stored(house)
    assert len(PREVIEWERS) >= 13
    looks: list[Answer] = []
    for agent, (method, more) in product(PREVIEWERS, WAYS.values()):
        looks.append(await Caller(house.url).ask(method, created.url, headers={"User-Agent": agent, **PAGE, **more}))
    assert {look.status for look in looks} == {200}, "a part of it would be no page"
    assert not any("Set-Cookie" in look.headers for look in looks)
    assert max(len(look.text) for look in looks) < 32_000
    assert await stored(house) == before
    assert (await Caller(house.url).start(created.url)).status == 201


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_no_other_method_opens_the_page_or_a_chat(house: House, method: str) -> None:
    created = await house.link()
    before = await stored(house)
    for path in (created.url, created.url + "/start"):
        if (method, path) == ("POST", created.url + "/start"):
            continue
        answer = await Caller(house.url).ask(method, path, headers=PAGE)
        assert answer.status == 405 and "Set-Cookie" not in answer.headers
    assert await stored(house) == before


async def test_a_browser_that_idles_on_the_page_for_half_a_minute_uses_nothing_up(
    house: House, context: BrowserContext
) -> None:
    created = await house.link()
    before = await stored(house)
    await context.clock.install()
    page = await context.new_page()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.method))
    await page.goto(created.url, wait_until="networkidle")
    await page.clock.run_for(31_000)
    await page.mouse.move(100, 100)
    await page.reload(wait_until="networkidle")
    await expect(page.get_by_role("button", name="Start the chat")).to_be_visible()
    assert set(sent) == {"GET"}
    assert await stored(house) == before
    assert await context.cookies() == []
