"""axe finds nothing on any page a guest or a member may meet: by day and by night, on a phone and on a desktop."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.services import tokens
from bot.services.connections.values import Connected, TicketNeeded
from playground.gemini import Failure, Reply, text
from run_cards import CARDS
from storage.schema import now
from storage.tables import Link, RateLimit
from tests.services.workshop import TOKEN, open_workshop
from tests.support.axe import AXE, SHA384
from tests.support.axe import complaints as complaints_at_one_size
from tests.support.oauth import open_lab
from tests.web.sidecar import OWNER, House
from tests.web.visiting import DESKTOP, IN_BROWSER, PHONE, Opening, browser, gemini, house, opened, said, sqlite_db

__all__ = ["browser", "gemini", "house", "opened", "sqlite_db"]

pytestmark = IN_BROWSER
CUSTOM = next(card for card in CARDS if card.name == "custom")
STARTERS = ("Where is my order?", "أين طلبي؟")
ANSWER = """# A heading

- one
- two
  - three

1. first

```python
print("a line of code that is much longer than any phone is wide, and than a narrow column on a desktop as well", 1)
```

| Name | What it is | What it costs | When it is there | Where it comes from |
|---|---|---|---|---|
| An ordinary thing | something-without-any-blanks-in-it | a-number-that-is-long | some-other-day | far-away-from-here |

> Quoted, with `code` and [a link](https://example.org/) in it.
"""


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    # Without animations: half faded is no colour of ours.
    context = await browser.new_context(**PHONE, bypass_csp=True, reduced_motion="reduce")
    yield context
    await context.close()


async def complaints(page: Page) -> list[object]:
    """What axe finds on a phone, and on a desktop at the same place of the same walk."""
    found = await complaints_at_one_size(page)
    await page.set_viewport_size(DESKTOP["viewport"])
    found += await complaints_at_one_size(page)
    await page.set_viewport_size(PHONE["viewport"])
    return found


async def test_axe_is_as_it_was_published() -> None:
    assert hashlib.sha384(AXE.read_bytes()).hexdigest() == SHA384


async def test_axe_finds_what_is_wrong_with_a_bad_page(context: BrowserContext) -> None:
    page = await context.new_page()
    await page.set_content(
        "<html lang=en><title>T</title><main><h1>H</h1><img src=x><p style='color:#999;background:#fff'>pale"
    )
    assert {rule for rule, _ in await complaints_at_one_size(page)} == {"image-alt", "color-contrast"}


async def test_axe_finds_what_cannot_be_read_by_night(context: BrowserContext) -> None:
    page = await context.new_page()
    await page.set_content(
        "<html lang=en><title>T</title><style>@media (prefers-color-scheme: dark) {p {color: #333; background: #000}}"
        "</style><main><h1>H</h1><p>hardly there"
    )
    assert [rule for rule, _ in await complaints_at_one_size(page)] == ["color-contrast"]


async def test_a_chat_in_all_its_states(house: House, opened: Opening) -> None:
    page = await opened((await house.link(purpose="Ask about your order.", starters=STARTERS)).url)
    await expect(page.get_by_role("group", name="You may begin with")).to_be_visible()
    assert await complaints(page) == []
    house.model.script(Reply([[text(ANSWER)]]))
    await said(page, "Tell me everything")
    await expect(page.locator(".agent table")).to_be_visible()
    await expect(page.locator("#status")).to_be_hidden()
    assert await complaints(page) == []
    await may_write_at_once(house)
    house.model.script(*[Failure(400, "INVALID_ARGUMENT")] * 3)
    await said(page, "And now fail")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert await complaints(page) == []
    await page.get_by_label("More").click()
    assert await complaints(page) == []
    await page.get_by_role("button", name="End the chat").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await complaints(page) == []
    await page.get_by_role("dialog").get_by_role("button", name="End the chat").click()
    await expect(page.get_by_role("heading", name="This chat has ended")).to_be_visible()
    assert await complaints(page) == []


async def test_a_chat_that_cannot_send(house: House, opened: Opening, context: BrowserContext) -> None:
    page = await opened((await house.link()).url)
    await context.set_offline(True)
    await said(page, "Into the void")
    await expect(page.get_by_text("Not sent")).to_be_visible()
    assert await complaints(page) == []
    await context.set_offline(False)


async def test_a_chat_that_waits_for_its_host(house: House, opened: Opening) -> None:
    async with open_workshop() as workshop:
        made = await house.connections.begin(OWNER, CUSTOM, {"name": "Shop", "url": workshop.url})
        assert isinstance(made, Connected)
        page = await opened((await house.link(tools=((made.connection.id, "look"),))).url)
        house.model.will_call(("shop__look", {}))
        await said(page, "What is there?")
        await expect(page.get_by_text("Waiting for the host to approve").first).to_be_visible()
        assert await complaints(page) == []


async def test_a_ticket_that_has_done_its_work(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    async with open_workshop(TOKEN) as workshop:
        needed = await house.connections.begin(OWNER, CUSTOM, {"name": "Workshop", "url": workshop.url})
        assert isinstance(needed, TicketNeeded)
        await page.goto(needed.url)
        await page.get_by_label("Code from Slack").fill("no digits")
        await page.get_by_role("button", name="Go on").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        assert await complaints(page) == []
        await page.get_by_label("Code from Slack").fill(needed.code)
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_label("Token or key").fill("not the one")
        await page.get_by_role("button", name="Connect").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        assert await complaints(page) == []
        await page.get_by_label("Token or key").fill(TOKEN)
        await page.get_by_role("button", name="Connect").click()
        await expect(page.get_by_role("heading")).to_contain_text("Workshop is connected")
        assert await complaints(page) == []
        await context.clear_cookies()
        await page.goto(needed.url)
        await expect(page.get_by_role("heading")).to_have_text("This page cannot be used any more")
        assert await complaints(page) == []


async def test_every_page_beside_the_chat(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    created = await house.link(purpose="Ask about your order.")
    async with open_workshop(TOKEN) as workshop:
        needed = await house.connections.begin(OWNER, CUSTOM, {"name": "Workshop", "url": workshop.url})
    async with open_lab() as lab:
        to_sign_in = await house.connections.begin(OWNER, CUSTOM, {"name": "Vault", "url": lab.url})
    assert isinstance(needed, TicketNeeded) and isinstance(to_sign_in, TicketNeeded)
    used = f"/connect/{tokens.mint(tokens.Kind.TICKET)}"
    for path in (created.url, created.url + "x", "/notices", needed.url, used, to_sign_in.url, "/oauth/done"):
        assert await looked_at(page, house, path) == [], path


async def test_a_chat_whose_time_ran_out(house: House, opened: Opening) -> None:
    created = await house.link()
    page = await opened(created.url)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Link).values(expires_at=now() - timedelta(seconds=1)))
    await house.links.sweep()
    await expect(page.get_by_text("The time of this link is over.").first).to_be_visible()
    assert await complaints(page) == []
    await page.reload()
    assert await complaints(page) == []


async def test_a_link_that_has_ended(house: House, opened: Opening) -> None:
    created = await house.link()
    page = await opened(created.url)
    await house.links.revoke(OWNER, created.link.id)
    await expect(page.locator(".over")).to_contain_text("has ended the chat")
    assert await complaints(page) == []
    await page.reload()
    assert await complaints(page) == []


async def may_write_at_once(house: House) -> None:
    """A guest's messages are a second apart, and a fast answer leaves less."""
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))


async def looked_at(page: Page, house: House, path: str) -> list[object]:
    await page.goto(path if path.startswith("http") else house.url + path)
    return await complaints(page)


async def test_the_ways_in_and_to_another_device(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto((await house.link(access="passcode", idle_minutes=120)).url)
    await page.get_by_label("Passcode").fill("wrong-words")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.get_by_role("alert")).to_contain_text("not the passcode")
    assert await complaints(page) == []
    await page.goto((await house.link(access="mail", addressee="anna@acme.com")).url)
    assert await complaints(page) == []
    await page.get_by_role("button", name="Send me the code").click()
    await expect(page.get_by_role("button", name="Send another code")).to_be_visible()
    assert await complaints(page) == []
    await page.get_by_label("Code").fill(house.codes[-1])
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Start the chat").click()
    await expect(page.locator("body[data-connection=live]")).to_be_visible()
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Continue on another device").click()
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert await complaints(page) == []
    await page.goto(f"{house.url}/temp-chat/continue")
    assert await complaints(page) == []
