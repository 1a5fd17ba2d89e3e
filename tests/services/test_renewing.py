"""The leases of all turns of a process are kept by one statement, however many there are."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from bot.running.turns import claiming
from bot.running.turns import worker as worker_module
from bot.running.turns.renewing import Renewing
from bot.running.turns.worker import Worker
from bot.services.chats import Place
from storage.database import Database
from storage.schema import now
from storage.tables import Turn
from tests.services.house import House, open_house
from tests.services.test_turns import HELD, asked
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted
from tests.support.statements import counted

TURNS = 4
LONG_AGO = float("-inf")


@pytest.fixture
async def worker(house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    """With turns that are being answered; their leases are so long that the clock renews none meanwhile."""
    for name, seconds in (("LEASE_SECONDS", 900.0), ("RENEW_SECONDS", 300.0)):
        monkeypatch.setattr(worker_module, name, seconds)
    monkeypatch.setattr(claiming, "LEASE_SECONDS", 900.0)
    gemini.script(*[HELD] * TURNS)
    async with house.worker() as worker:
        for number in range(TURNS):
            await house.say("hello", f"slack:{number}", Place("D1", f"{number}.0", "T1", private=True))
        await asked(gemini, TURNS)
        yield worker
        for turn in await house.turns():
            await house.chats.stop("T1", turn.conversation_id)
        await house.face.after(TURNS)


def held(worker: Worker) -> tuple[Renewing, list[Turn]]:
    return worker._renewing, list(worker._turns.values())


def renewals(statements: list[str]) -> int:
    return sum(each.startswith("UPDATE turns SET lease_until") for each in statements)


@on_each_engine
async def test_whoever_is_first_renews_for_all(house: House, worker: Worker) -> None:
    renewing, turns = held(worker)
    before = {turn.id: turn.lease_until for turn in await house.turns()}
    with counted(house.db) as statements:
        began = asyncio.get_running_loop().time()
        since = await asyncio.gather(*(renewing.renewed(turn, LONG_AGO) for turn in turns))
        assert renewals(statements) == 1 and len(set(since)) == 1
        assert since[0] is not None and since[0] >= began
        assert all(turn.lease_until > before[turn.id] for turn in await house.turns())
        assert await renewing.renewed(turns[0], LONG_AGO) == since[0] and renewals(statements) == 1
        assert await renewing.renewed(turns[0], since[0]) != since[0] and renewals(statements) == 2


@on_each_engine
async def test_a_stop_of_which_no_nudge_came_is_seen_with_the_next_lease(house: House, worker: Worker) -> None:
    renewing, [first, *_] = held(worker)
    async with house.db.begin() as tables:
        await tables.turns.ask_stop("T1", first.conversation_id)
    await renewing.renewed(first, LONG_AGO)
    shown = await house.face.after()
    assert (shown.turn.id, shown.states[-1]) == (first.id, "stopped")


@on_each_engine
async def test_a_turn_that_another_process_has_taken_is_not_renewed_with_the_others(
    house: House, worker: Worker
) -> None:
    renewing, [first, *others] = held(worker)
    at = now()
    async with house.db.begin() as tables:
        taken = sa.update(Turn).where(Turn.id == first.id)
        await tables.session.execute(taken.values(attempts=Turn.attempts + 1, lease_owner="two", lease_until=at))
    assert await renewing.renewed(first, LONG_AGO) is None
    assert None not in [await renewing.renewed(turn, LONG_AGO) for turn in others]
    async with house.db.begin() as tables:
        stored = await tables.turns.get("T1", first.id)
        assert stored and stored.lease_until == at
        back = sa.update(Turn).where(Turn.id == first.id)
        await tables.session.execute(back.values(attempts=first.attempts, lease_owner=first.lease_owner))


async def test_nobody_waits_for_whoever_is_writing_to_one_of_them(postgres_db: Database, gemini: Scripted) -> None:
    gemini.script(*[HELD] * 2)
    async with open_house(postgres_db, gemini.model) as house, house.worker() as worker:
        for number in range(2):
            await house.say("hello", f"slack:{number}", Place("D1", f"{number}.0", "T1", private=True))
        await asked(gemini, 2)
        renewing, [first, second] = held(worker)
        async with postgres_db.begin() as tables:
            await tables.turns.change(first, tokens=7)
            waits = asyncio.create_task(renewing.renewed(first, LONG_AGO))
            assert await renewing.renewed(second, LONG_AGO) is not None
            assert not waits.done()
        assert await waits is not None
        for turn in (first, second):
            await house.chats.stop("T1", turn.conversation_id)
        await house.face.after(2)
