"""Guests see who invites them: a picture from our own origin, for them and for nobody else."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.services.connections.values import TicketNeeded
from bot.services.links.hosting.values import Picture
from run_cards.custom import CARD as CUSTOM
from storage.database import Database
from storage.members import Member
from tests.services.workshop import TOKEN, open_workshop
from tests.support.axe import complaints
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House, running
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, on_both_sizes, opened, sqlite_db

__all__ = ["browser", "context", "gemini", "opened", "sqlite_db"]

pytestmark = IN_BROWSER
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


@dataclass
class OnePicture:
    found: bool = True

    async def of(self, member: Member) -> Picture | None:
        return Picture(DOT, "image/png") if self.found and member == OWNER else None


@pytest.fixture
def pictures() -> OnePicture:
    return OnePicture()


@pytest_asyncio.fixture(loop_scope="session")
async def house(sqlite_db: Database, gemini: Scripted, pictures: OnePicture) -> AsyncIterator[House]:
    async with running(sqlite_db, gemini, pictures=pictures) as house:
        yield house


@on_both_sizes
async def test_the_face_stands_on_the_invitation_and_in_the_chat(house: House, opened: Opening) -> None:
    created = await house.link()
    look = await Caller(house.url).ask("GET", created.url, headers=PAGE)
    assert 'class="mark face"' in look.text
    page = await opened(created.url)
    await expect(page.locator(".bar .face")).to_be_visible()
    assert await page.locator(".face").evaluate_all("each => each.every(one => one.complete && one.naturalWidth === 1)")


async def test_it_is_shown_to_who_holds_the_link_and_to_no_other(house: House) -> None:
    created = await house.link()
    guest = Caller(house.url)
    await guest.start(created.url)
    nobody = Caller(house.url)
    for caller, path in ((nobody, created.url + "/host"), (guest, guest.chat + "host")):
        async with caller.asking("GET", path) as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert await answer.read() == DOT
    await house.links.revoke(OWNER, created.link.id)
    dead = await nobody.ask("GET", created.url, headers=PAGE)
    for path in (created.url + "/host", "/temp-chat/tc_unknown/host", guest.chat + "host"):
        answer = await nobody.ask("GET", path, headers=PAGE)
        assert (answer.status, answer.text) == (404, dead.text)


async def test_a_picture_that_cannot_be_had_leaves_no_hole(house: House, opened: Opening, pictures: OnePicture) -> None:
    pictures.found = False
    page = await opened((await house.link()).url)
    await expect(page.get_by_role("heading", name="Trip planning")).to_be_visible()
    assert not [found for found in await complaints(page) if found[0].startswith("image")]


async def test_the_face_of_whom_a_members_page_is_for_is_on_it(house: House) -> None:
    async with open_workshop(TOKEN) as workshop:
        needed = await house.connections.begin(OWNER, CUSTOM, {"name": "Workshop", "url": workshop.url})
    assert isinstance(needed, TicketNeeded)
    caller, ticket = Caller(house.url), needed.url.rpartition("/")[2]
    at = f"/connect/{ticket}/picture"
    assert f'src="{at}"' in (await caller.ask("GET", needed.url, headers=PAGE)).text
    async with caller.asking("GET", at) as answer:
        assert answer.status == 200 and await answer.read() == DOT and answer.headers["Content-Type"] == "image/png"
        assert "private" in answer.headers["Cache-Control"] and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await caller.ask("GET", "/connect/tk_x/picture")).status == 404
