"""How a link was used, and the same as CSV that no spreadsheet takes for formulas."""

import csv
import io
from datetime import date

import pytest

from bot.errors import NotYours
from bot.services.files.spreadsheets import harmless
from bot.services.limits.prices import in_words
from bot.services.links import Guest
from bot.slack.screens.blocks.bars import WIDE, bar, columns
from bot.tool_server import link_tools
from storage.schema import now
from tests.services.house import OTHER, OWNER, House
from tests.services.test_hosting import say, settled
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

COVERS = ("Why?", "How?")


async def another(house: House, token: str, name: str) -> Guest:
    started = await house.links.start(token, name.ljust(20, "k"), name, True)
    assert started
    guest = await house.links.guest(started.link.id, started.secret)
    assert guest
    return guest


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@on_each_engine
async def test_a_links_use_is_told_from_looks_to_answers(house: House, gemini: Scripted) -> None:
    first, token = await house.guest(covers=COVERS, max_sessions=5, title="=1+1")
    second, third = await another(house, token, '=HYPERLINK("x")'), await another(house, token, "Silent")
    gemini.will_call(("submit_result", {"question_1": "+49 30", "question_2": "-"}))
    gemini.will_say("Thank you.")
    gemini.will_call(("submit_result", {"question_1": "@all"}))
    gemini.will_say("And how?")
    async with house.worker():
        await say(house, first, "All of it")
        await settled(house)
        await say(house, second, "Half of it", 2)
        await settled(house)
    await house.hosting.end(OWNER, second.session.id)
    await house.links.outcomes.looked({first.link.id: (3, 7), "no-such-link": (1, 1)})
    await house.links.outcomes.looked({first.link.id: (1, 0)})
    usage = await house.links.outcomes.usage(OWNER, first.link.id)
    assert (usage.opened, usage.previewed) == (4, 7)
    counts = usage.counts
    assert (counts.started, counts.wrote, counts.messages, counts.complete, counts.chatting) == (3, 2, 2, 1, 2)
    assert "2 messages from 2 of them, 1 answered everything asked" in link_tools._told(usage.link, counts)
    assert usage.answered_each == [2, 1] and usage.left_early == 1
    assert usage.first_answer is not None and usage.first_answer >= 0
    assert [visit.session.id for visit in usage.visits] == [third.session.id, second.session.id, first.session.id]
    assert [visit.first_answer is None for visit in usage.visits] == [True, False, False]
    _, told = await house.links.outcomes.csv_of(OWNER, first.link.id)
    guests = rows(told)
    assert [(each["Guest"], each["Why?"], each["How?"]) for each in guests] == [
        ("Visitor", "'+49 30", "'-"),
        ('\'=HYPERLINK("x")', "'@all", ""),
        ("Silent", "", ""),
    ]
    assert float(guests[0]["Tokens"]) > 0 and float(guests[0]["US dollars, about"]) > 0
    assert guests[1]["Why it ended"] == "host"
    (link,) = rows(await house.links.outcomes.csv_of_all(OWNER))
    assert (link["Link"], link["Started"], link["Opened by people"]) == ("'=1+1", "3", "4")
    spent = [sum(float(each[name]) for each in guests) for name in ("Tokens", "US dollars, about")]
    assert spent == pytest.approx([float(link["Tokens"]), float(link["US dollars, about"])])


@pytest.mark.parametrize(
    ("money", "told"), [(0, "less"), (9_999, "less than $0.01"), (10_000, "about $0.01"), (2_345_678, "about $2.35")]
)
def test_money_is_told_as_roughly_as_it_is_known(money: int, told: str) -> None:
    assert in_words(money).startswith(told)


@on_each_engine
async def test_a_link_that_has_ended_is_still_told_of(house: House) -> None:
    guest, _ = await house.guest()
    await house.links.revoke(OWNER, guest.link.id)
    assert [link.id for link in await house.links.outcomes.recent(OWNER)] == [guest.link.id]
    starts = await house.links.outcomes.starts(OWNER)
    assert starts[-1] == (now().date(), 1) and sum(number for _, number in starts) == 1 and len(starts) == 14


async def test_nobody_else_learns_of_a_links_use(house: House) -> None:
    guest, _ = await house.guest()
    with pytest.raises(NotYours):
        await house.links.outcomes.usage(OTHER, guest.link.id)
    with pytest.raises(NotYours):
        await house.links.outcomes.csv_of(OTHER, guest.link.id)
    assert await house.links.outcomes.recent(OTHER) == []
    assert rows(await house.links.outcomes.csv_of_all(OTHER)) == []


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\t", "\u200b", '"', "text;", "text,", "text\n", "a|", "\u202e"])
def test_no_cell_is_a_formula_wherever_a_spreadsheet_begins_one(before: str, sign: str) -> None:
    cell = harmless(f"{before}{sign}cmd|' /C calc'!A0")
    assert isinstance(cell, str) and f"'{sign}cmd" in cell


@pytest.mark.parametrize("cell", ["a = b", "me@acme.com", "well-known", "1 + 1", 5, -1.5])
def test_what_is_no_formula_stays_as_it_is(cell: str | float) -> None:
    assert harmless(cell) == cell


def test_bars_show_what_there_is_and_never_more() -> None:
    assert bar(0, 5).count("█") == 0 and bar(1, 1_000).count("█") == 1 and bar(9, 3) == "█" * WIDE
    assert len(bar(0, 0)) == WIDE and columns([0, 1, 8]) == "▁▂█" and columns([]) == ""


def test_days_without_guests_are_shown_too() -> None:
    from bot.services.links.results.usage import by_day

    days = by_day([date.min, now().date()])
    assert [number for _, number in days] == [0] * 13 + [1]
