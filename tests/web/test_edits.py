"""The last message can be changed while nobody has answered it, or when its answer was cut."""

import asyncio

import sqlalchemy as sa
from playwright.async_api import expect

from playground.gemini import Break, Reply, text
from storage.tables import RateLimit, Turn
from tests.web.caller import PAGE
from tests.web.sidecar import House
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


async def may_write_at_once(house: House) -> None:
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))


async def asked_once(house: House) -> None:
    """«Working» is said before: a turn that is stopped in between leaves its scripted answer to the next."""
    async with asyncio.timeout(60):
        while not house.model.asked:
            await asyncio.sleep(0.01)


@on_both_sizes
async def test_while_it_is_unanswered_a_change_stops_what_runs_and_can_be_sent(house: House, opened: Opening) -> None:
    house.model.script(Reply([Break.HOLD]), Reply([[text("Lyon is lovely.")]]))
    page = await opened((await house.link()).url)
    await said(page, "Plan a trip to Lion")
    await expect(page.locator("#status[data-state=working]")).to_be_visible()
    await asked_once(house)
    await page.get_by_label("Message", exact=True).fill("and soon")
    await page.get_by_role("button", name="Edit my message").click()
    field = page.get_by_label("Message", exact=True)
    await expect(field).to_have_value("Plan a trip to Lion\nand soon")
    await expect(page.locator("#status[data-state=stopped]")).to_be_visible()
    await may_write_at_once(house)
    await field.fill("Plan a trip to Lyon")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".said.guest:not([data-pending]) .words").last).to_have_text("Plan a trip to Lyon")
    await expect(page.locator(".said.agent .words")).to_have_text("Lyon is lovely.")
    async with house.db.read() as tables:
        stood = await tables.session.scalar(sa.select(Turn.status).order_by(Turn.created_at))
    assert stood == "stopped"


async def test_once_words_of_the_answer_are_there_it_is_offered_when_that_was_stopped(
    house: House, opened: Opening
) -> None:
    house.model.script(Reply([[text("Lions live")], Break.HOLD]))
    page = await opened((await house.link()).url)
    await said(page, "Plan a trip to Lion")
    await expect(page.locator(".agent .words")).to_contain_text("Lions")
    edit = page.get_by_role("button", name="Edit my message")
    await expect(edit).to_be_hidden()
    await page.get_by_role("button", name="Stop the answer").click()
    await edit.click()
    await expect(page.get_by_label("Message", exact=True)).to_have_value("Plan a trip to Lion")
    await page.reload()
    await expect(edit).to_be_visible()


async def test_without_scripts_it_is_a_link_that_fills_the_field(house: House) -> None:
    house.model.script(Reply([[text("Lions live")], Break.HOLD]))
    guest = await house.guest()
    await guest.say("Plan a trip to <Lion>")
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    await guest.ask("POST", guest.chat + "stop", data={"form": page.hidden("form")}, headers=PAGE)
    while "?edit=1" not in page.text or 'data-state="stopped"' not in page.text:
        page = await guest.ask("GET", guest.chat, headers=PAGE)
    page = await guest.ask("GET", guest.chat + "?edit=1", headers=PAGE)
    assert "Plan a trip to &lt;Lion&gt;</textarea>" in page.text
