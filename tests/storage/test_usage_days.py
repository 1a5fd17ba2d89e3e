"""Days that are over are added up once: whoever looks sees the same as before, and what comes later besides."""

import random
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.services.watch.insights.adding_up import add_up
from storage.database import Database
from storage.repositories.insights.gathering import Key, Used
from storage.tables import ModelUsage, ToolUsage, UsageDay
from storage.tables.watch.usage_days import KINDS
from tests.storage import rows
from tests.storage.rows import NOON, T1, U1, U2

DAYS = 5
SINCE = NOON - timedelta(days=DAYS)


async def filled(db: Database) -> None:
    """Calls and requests of two members on six days, some of them by guests of a link."""
    dice = random.Random(3)  # noqa: S311
    connection, (link, session) = await rows.connection(db), await _chat(db)
    made = []
    for number in range(60):
        at = NOON - timedelta(days=dice.randrange(DAYS + 1), minutes=dice.randrange(600))
        who, turn = dice.choice((U1, U2)), dice.choice((session, ""))
        outcome = dice.choice(("done", "failed", "timed_out", "refused"))
        call = {"tool": dice.choice(("add", "look")), "outcome": outcome, "milliseconds": number, "left_out": 9}
        whose = {"workspace_id": T1, "member_id": who, "at": at}
        made.append(ToolUsage(**whose, **call, connection_id=connection.id, turn_id=turn or None, money=number))
        asked = {"prompt": 100, "cached": 5, "output": 7, "money": dice.choice((None, 3)), "turn_id": f"t{number % 9}"}
        brought = [[connection.id, "add", 40], ["", "own", 2]] if number % 3 == 0 else None
        named = {"id": f"r{number}", "purpose": "answer", "model": "m", "link_id": link if turn else ""}
        made.append(ModelUsage(**whose, **named, **asked, brought=brought))
    async with db.begin() as tables:
        tables.session.add_all(made)


async def _chat(db: Database) -> tuple[str, str]:
    """A link, and a turn of its guest."""
    chat, link = await rows.conversation(db), await rows.link(db)
    turn = await rows.turn(db, chat, "s1")
    async with db.begin() as tables:
        await tables.sessions.insert(rows.session(link, conversation_id=chat.id))
    return link.id, turn.id


async def seen(db: Database) -> dict[str, dict[Key, Used]]:
    async with db.read() as tables:
        return {kind: await tables.insights.used(T1, kind, SINCE) for kind in KINDS}


async def kept(db: Database) -> int:
    async with db.read() as tables:
        return await tables.session.scalar(sa.select(sa.func.count()).select_from(UsageDay)) or 0


async def test_what_is_added_up_says_the_same_as_its_rows_did(db: Database) -> None:
    await filled(db)
    before = await seen(db)
    async with db.read() as tables:
        days = await tables.insights.money_by_day(T1, SINCE)
    assert all(before.values()) and before["tool"]["custom", "add"].brought == 20 * 40
    whole = before["all"]["", ""]
    assert whole.done + whole.failed + whole.refused == 60 == whole.requests and whole.left_out == 540
    assert before["link"] and set(before["member"]) == {(U1, ""), (U2, "")}
    assert await add_up(db, NOON) == DAYS, "the day that still goes on is not among them"
    there = await kept(db)
    after = await seen(db)
    assert _without_turns(after) == _without_turns(before) and there > DAYS
    async with db.read() as tables:
        assert await tables.insights.money_by_day(T1, SINCE) == days
    assert await add_up(db, NOON) == 0 and await kept(db) == there
    async with db.begin() as tables:
        await tables.insights.add_up(T1, SINCE.date())
        await tables.session.execute(sa.delete(ToolUsage).where(ToolUsage.at < NOON.replace(hour=0)))
    assert _without_turns(await seen(db)) == _without_turns(before), "its rows may go"


def _without_turns(found: dict[str, dict[Key, Used]]) -> dict[str, dict[Key, dict[str, object]]]:
    """One that goes on after midnight is counted on both days."""
    return {kind: {key: {**vars(each), "turns": 0} for key, each in used.items()} for kind, used in found.items()}


async def test_a_day_is_added_up_an_hour_after_it_is_over_and_an_empty_one_is_passed(db: Database) -> None:
    await rows.workspace(db, "T2")
    await rows.workspace(db)
    midnight = NOON.replace(hour=0)
    async with db.begin() as tables:
        tables.session.add(_call(midnight - timedelta(hours=2)))
    assert await add_up(db, midnight + timedelta(minutes=59)) == 0
    assert await add_up(db, midnight + timedelta(minutes=61)) == 1
    assert await add_up(db, midnight + timedelta(days=3, hours=2)) == 3
    async with db.read() as tables:
        found = await tables.insights.used(T1, "all", midnight - timedelta(days=3))
        assert found["", ""].done == 1 and await tables.insights.added_up_to("T2") is None
    async with db.begin() as tables:  # as if each of the days between had been added up
        await tables.insights.add_up(T1, (midnight + timedelta(days=447)).date())
    assert await add_up(db, midnight + timedelta(days=450)) == 1
    async with db.read() as tables:
        assert await tables.insights.used(T1, "all", midnight - timedelta(days=3)) == {("", ""): Used()}


def _call(at: datetime) -> ToolUsage:
    return ToolUsage(workspace_id=T1, member_id=U1, tool="t", outcome="done", milliseconds=1, at=at)
