"""Home of a large workspace: every page of every tab is within Slack's limits, and the newest look is what stays."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts import admin_tabs
from bot.slack.acts.home import publish
from bot.slack.screens.agents import forms, listing
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.governing import audit, cards, people, tabs
from bot.slack.services import Services
from playground.slack.block_kit.checking import check
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.members import Member
from storage.tables import Agent, Connection, HomePlace, Link, ModelUsage, ToolUsage
from tests.support import crowd
from tests.support.audit import KEYS
from tests.support.gemini import Scripted
from tests.support.slack import OWNER, TEAM, Usher, pressable, running_usher, said

PAGED = {"people": 500, "connections": 85, "agents": 30, "links": 200, "audit": 10_000}
"""What they page through, and how much of it there is."""
EVERY = 20
"""Of the audit's five hundred pages each so-manieth."""


@pytest.fixture(scope="module")
def crowded_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be copied and never used."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("crowded") / "usher.db")

    async def fill() -> None:
        db = Database(f"sqlite+aiosqlite:///{path}", KEYS)
        await crowd.filled(db, TEAM)
        await db.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def crowded(
    slack: LocalSlack, client: AsyncWebClient, crowded_file: Path, gemini: Scripted, tmp_path: Path
) -> AsyncIterator[Usher]:
    path = shutil.copy(crowded_file, tmp_path / "crowded.db")
    db = Database(f"sqlite+aiosqlite:///{path}", KEYS)
    async with running_usher(slack, client, db, gemini) as usher:
        yield usher
    await db.close()


async def home_with(usher: Usher, text: str) -> View:
    found: View = await usher.slack.when(
        lambda: text in said(home := usher.slack.snapshot(OWNER)["home"] or {}) and home
    )
    return found


async def page(usher: Usher, tab: str, number: int) -> View:
    """As it is drawn, and held against Slack's limits."""
    view = await admin_tabs.drawn(usher.services, usher.member, HomePlace(tab=tab, page=number))
    assert check(view, "home") == [], f"{tab}, page {number}"
    assert len(view["blocks"]) <= 100
    return view


def turning(view: View) -> dict[str, int]:
    """Where its buttons lead, by which way."""
    elements = [each for block in view["blocks"] for each in block.get("elements", [])]
    pressed = [each for each in elements if str(each.get("action_id")).startswith(f"{tabs.PAGE}.")]
    return {str(each["action_id"]).rsplit(".", 1)[-1]: int(each["value"]) for each in pressed}


async def test_every_page_of_every_tab_is_within_slacks_limits_forwards_and_back(crowded: Usher) -> None:
    for tab, total in PAGED.items():
        last = -(-total // 20) - 1
        step = EVERY if tab == "audit" else 1
        for number in sorted({0, 1, *range(0, last, step), last - 1, last} & set(range(last + 1))):
            ways = turning(await page(crowded, tab, number))
            assert ways == (
                ({"back": number - 1} if number else {}) | ({"more": number + 1} if number < last else {})
            ), f"{tab}, page {number}"
    for tab in ("overview", "budgets", "policies"):
        assert turning(await page(crowded, tab, 0)) == {}


async def test_pages_are_turned_by_buttons_and_slack_takes_each(crowded: Usher) -> None:
    shown = await crowded.tab("people")
    assert f"<@{crowd.name_of(499)}>" in said(shown) and "500 people, page 1 of 25" in said(shown)
    await crowded.press(shown, f"{tabs.PAGE}.more")
    shown = await home_with(crowded, "people, page 2 of 25")
    await crowded.press(shown, f"{tabs.PAGE}.back")
    await home_with(crowded, "people, page 1 of 25")
    await crowded.press(await crowded.tab("connections"), cards.LOOK)
    await crowded.modal_with("5 connections, with the calls of 30 days")
    assert crowded.slack.refusals == []


async def test_a_page_beyond_the_end_shows_the_last_there_is(crowded: Usher) -> None:
    for tab, words in (("people", "page 25 of 25"), ("links", "page 10 of 10"), ("agents", "page 2 of 2")):
        shown = await page(crowded, tab, 99)
        assert words in said(shown) and turning(shown) == {"back": int(words.split()[1]) - 2}
    assert "#10,000" in said(await page(crowded, "audit", 9_999))
    async with crowded.services.db.begin() as tables:
        for table in (Connection, Link, ToolUsage, ModelUsage):
            await tables.session.execute(sa.delete(table))
    for tab, words in (("people", people.NOBODY), ("links", "No chat link is alive.")):
        assert words in said(await page(crowded, tab, 9))


async def test_what_is_looked_for_in_ten_thousand_entries_is_paged_too(crowded: Usher) -> None:
    await crowded.press(await crowded.tab("audit"), audit.OPEN)
    window = await crowded.modal_with("1,000 entries or more")
    window = await _narrowed(crowded, window, audit.WHO, crowd.name_of(7), "20 entries")
    shown = await _narrowed(crowded, window, audit.WHAT, "call.made", "There is nothing like that")
    await crowded.press(shown, audit.ALL)
    shown = await crowded.modal_with("#10,000")
    await crowded.press(shown, audit.OLDER)
    shown = await crowded.modal_with("#9,980")
    await crowded.press(shown, audit.NEWEST)
    await crowded.modal_with("#10,000")
    assert crowded.slack.refusals == []


async def _narrowed(usher: Usher, window: dict[str, Any], menu: str, value: str, words: str) -> dict[str, Any]:
    await usher.press(window, menu, value=value)
    return await usher.modal_with(words)


async def test_a_member_is_found_by_name_and_an_agent_changed_from_its_line(crowded: Usher) -> None:
    shown = await crowded.tab("people")
    await crowded.press(shown, people.FIND, value=crowd.name_of(3))
    window = await crowded.modal_with(f"<@{crowd.name_of(3)}>")
    assert "*Connections* · 1" in said(window)
    await crowded.slack.close_view(OWNER, window["id"], True)
    await crowded.press(await crowded.tab("agents"), listing.CHANGE)
    form = await crowded.modal_with(forms.NARROWS)
    await crowded.submit(form, name="Concierge")
    await home_with(crowded, "*Concierge* · the default")
    async with crowded.services.db.read() as tables:
        assert await tables.session.scalar(sa.select(Agent.name).where(Agent.is_default)) == "Concierge"
    assert crowded.modal() is None


async def test_a_tab_that_was_long_in_drawing_is_not_published_over_the_next(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, drawn = await usher.tab("overview"), admin_tabs.drawn
    begun, next_one = asyncio.Event(), asyncio.Event()

    async def slowly(services: Services, member: Member, place: HomePlace) -> View:
        view = await drawn(services, member, place)
        if place.tab == tabs.OVERVIEW:
            begun.set()
            with suppress(TimeoutError):  # while it is held, no other may be drawn
                await asyncio.wait_for(next_one.wait(), 0.2)
        else:
            next_one.set()
        return view

    monkeypatch.setattr("bot.slack.acts.admin_tabs.drawn", slowly)
    opening = asyncio.create_task(publish(usher.client, usher.services, usher.member))
    await begun.wait()
    pressed = asyncio.create_task(usher.press(shown, f"{tabs.GO}.people"))
    await asyncio.gather(opening, pressed)
    await usher.slack.when(next_one.is_set)
    assert "People: shown now" in str(await usher.home())
    assert [action for _, action in pressable(await home_with(usher, people.NOBODY))]
