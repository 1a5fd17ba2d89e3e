"""The database is away while a guest is answered and writes on: the page says so, and afterwards all is there, once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import expect

from storage.database import Database
from storage.schema import now
from storage.tables import RateLimit, Session, Turn
from tests.faults.gated_model import Gated, answer_to
from tests.support.audit import KEYS
from tests.support.gemini import Scripted
from tests.support.postgres import Postgres
from tests.web.sidecar import House, running
from tests.web.test_database_away import Door
from tests.web.visiting import IN_BROWSER, Opening, browser, context, gemini, opened, said

__all__ = ["browser", "context", "gemini", "opened"]

pytestmark = IN_BROWSER
FIRST, SECOND = "the first question", "the second question"


@pytest_asyncio.fixture(loop_scope="session")
async def db(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url, KEYS)
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(db: Database, gemini: Scripted) -> AsyncIterator[House]:
    async with running(db, Scripted(gemini.server, Gated())) as house:
        yield house


@pytest.fixture
def door(postgres: Postgres, db: Database) -> Door:
    return Door(postgres, db)


async def later(db: Database) -> None:
    """As it would be after a while: what could not be stored may be claimed again, and a guest may write again."""
    async with db.begin() as tables:
        await tables.session.execute(sa.update(Turn).where(Turn.lease_until.is_not(None)).values(lease_until=now()))
        await tables.session.execute(sa.delete(RateLimit))


async def test_the_page_says_so_keeps_what_was_written_and_goes_on(
    house: House, door: Door, opened: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    model = house.model.model
    assert isinstance(model, Gated)
    page = await opened((await house.link()).url)
    await said(page, FIRST)
    await expect(page.locator(".agent .words")).to_have_text("This is ")
    await later(house.db)
    async with house.db.read() as tables:
        conversation_id = await tables.session.scalar(sa.select(Session.conversation_id))
    door.shut()
    model.let.set()
    while "could not be shown" not in caplog.text:
        await page.wait_for_timeout(20)
    await said(page, SECOND)
    unsent = page.locator(".guest", has_text="Not sent").get_by_role("button", name="Try again")
    await expect(unsent).to_be_visible()
    await house.bus.tell(f"conversation:{conversation_id}")  # the stream looks, and finds it away
    await expect(page.locator("#banner")).to_contain_text("The connection was lost")
    await expect(page.locator(".guest .words").first).to_have_text(FIRST)
    door.open()
    await later(house.db)
    await house.bus.tell("turns")
    await unsent.click()
    for _ in range(2):
        await expect(page.locator(".agent .words")).to_have_text([answer_to(FIRST), answer_to(SECOND)])
        await expect(page.locator(".guest .words")).to_have_text([FIRST, SECOND])
        await expect(page.get_by_text("Not sent")).to_be_hidden()
        await page.reload()
