"""A chat that is written from right to left: mirrored, nothing out of place, every word in its language."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from bot import words
from playground.gemini import Break, Failure, Reply, text
from storage.tables import Session
from tests.support.axe import complaints
from tests.web.sidecar import OWNER, House
from tests.web.visiting import DESKTOP, IN_BROWSER, browser, gemini, house, sqlite_db

__all__ = ["browser", "gemini", "house", "sqlite_db"]

pytestmark = IN_BROWSER
ARABIC = words.of("ar")
NARROW = {"viewport": ViewportSize(width=320, height=568), "is_mobile": True, "has_touch": True}
ANSWER = """تُفتح الأبواب في **الساعة 9:30** عند *Acme GmbH (Berlin)*.

- أحضر `badge-4711` معك
- اتصل بـ [المكتب](https://example.org/office)

```python
print("Hello", 1)
```
"""


@pytest_asyncio.fixture(loop_scope="session", params=[NARROW, DESKTOP], ids=["narrow", "desktop"])
async def context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(**request.param, locale="ar", bypass_csp=True, reduced_motion="reduce")
    yield context
    await context.close()


async def is_well(page: Page) -> None:
    """axe has nothing to say, nothing stands out at a side, and no word of another language is left."""
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen = await page.evaluate("document.body.innerText")
    latin = re.sub(
        r"Usher|Acme|GmbH|Berlin|badge|python|print|Hello|Robin|Anna|here|https|example|org|office|Markdown|JSON",
        "",
        seen,
    )
    assert not re.search(r"[A-Za-z]{2,}", latin), seen


NAMES = {"Usher", "Robin", "Anna", *re.findall("[A-Za-z]{2,}", ANSWER)}


async def said(page: Page, what: str) -> None:
    await page.get_by_label(ARABIC("chat.message"), exact=True).fill(what)
    await page.get_by_role("button", name=ARABIC("chat.send")).click()


async def started(house: House, context: BrowserContext) -> Page:
    page = await context.new_page()
    link = await house.link(title="الدعم", purpose="اسأل عن طلبك.", starters=("أين طلبي؟",))
    await page.goto(link.url)
    await is_well(page)
    await page.get_by_label(ARABIC("invitation.name")).fill("Robin")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name=ARABIC("invitation.start")).click()
    await is_live(page)
    return page


async def is_live(page: Page) -> None:
    await expect(page.locator("body[data-connection=live]")).to_be_visible()


async def the_session(house: House) -> Session:
    async with house.db.read() as tables:
        found = await tables.session.scalar(sa.select(Session))
    assert found
    return found


async def test_an_answer_runs_from_the_right_and_its_code_from_the_left(house: House, context: BrowserContext) -> None:
    page = await started(house, context)
    await is_well(page)
    house.model.script(Reply([[text(ANSWER)]]))
    await said(page, "متى تُفتح الأبواب؟ Acme")
    await expect(page.locator(".agent pre")).to_be_visible()
    await expect(page.locator("#status")).to_be_hidden()
    guest, agent = page.locator(".said.guest .words"), page.locator(".said.agent .words")
    place, view = await guest.bounding_box(), page.viewport_size
    assert place and view and place["x"] < view["width"] / 2
    assert await agent.evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert await agent.locator("pre").evaluate("each => getComputedStyle(each).direction") == "ltr"
    await is_well(page)


async def test_a_person_who_joins_is_told_of_in_the_guests_language(house: House, context: BrowserContext) -> None:
    page = await started(house, context)
    house.model.script(Reply([[text("سأبحث عن ")], Break.HOLD]))
    await said(page, "وماذا بعد؟")
    await expect(page.locator("#status")).to_contain_text(ARABIC("status.working"))
    session = await the_session(house)
    await house.hosting.say(OWNER, session.id, "Anna.", "slack:D1:1.0")
    for _ in range(2):  # as it happened, and as the page without scripts has it
        await expect(page.locator(".turned")).to_have_text(ARABIC("host.host", named=True, name="Anna"))
        await expect(page.locator("#who")).to_have_text(ARABIC("host.line_host", named=True, name="Anna"))
        await is_well(page)
        await page.reload()
        await is_live(page)
    await house.hosting.hand_back(OWNER, session.id)
    await expect(page.locator(".turned").last).to_have_text(ARABIC("host.agent", named=True, name="Anna"))
    await is_well(page)


async def test_what_goes_wrong_and_the_end_are_told_in_the_guests_language(
    house: House, context: BrowserContext
) -> None:
    page = await started(house, context)
    house.model.script(*[Failure(400, "INVALID_ARGUMENT")] * 3)
    await said(page, "وماذا الآن؟")
    await expect(page.get_by_role("button", name=ARABIC("script.try_again"))).to_be_visible()
    await is_well(page)
    await page.get_by_label(ARABIC("chat.more"), exact=True).click()
    await is_well(page)
    await page.get_by_role("button", name=ARABIC("chat.end")).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await is_well(page)
    await page.get_by_role("dialog").get_by_role("button", name=ARABIC("chat.keep")).click()
    link = (await the_session(house)).link_id
    await house.links.revoke(OWNER, link)
    await expect(page.locator(".over")).to_contain_text(ARABIC("ended.revoked"))
    await is_well(page)
    await page.reload()
    await expect(page.get_by_role("heading")).to_have_text(ARABIC("ended.heading"))
    await is_well(page)
    await context.clear_cookies()
    await page.goto(f"{house.url}/temp-chat/tc_nothing")
    await expect(page.get_by_role("heading")).to_have_text(ARABIC("dead.heading"))
    await is_well(page)
