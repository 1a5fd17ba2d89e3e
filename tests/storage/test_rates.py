import asyncio
import random
from dataclasses import dataclass

import pytest

from storage.database import Database
from storage.repositories.work.rates import SECOND, Limit, Verdict

START = 1_800_000_000 * SECOND
LIMIT = Limit(burst=4, every_microseconds=7 * SECOND + 1)


@dataclass
class Bucket:
    """What GCRA is equal to: a bucket that leaks evenly."""

    limit: Limit
    free_at: int = 0

    def take(self, now: int, cost: int) -> Verdict:
        step, every = cost * self.limit.every_microseconds, self.limit.every_microseconds
        rests_at = max(self.free_at, now)
        room = now + self.limit.window - rests_at
        if step > room:
            return Verdict(False, (step - room) / SECOND, room // every)
        self.free_at = rests_at + step
        return Verdict(True, 0.0, (room - step) // every)


async def take(db: Database, key: str, now: int, cost: int = 1) -> Verdict:
    async with db.begin() as tables:
        return await tables.rates.take(key, LIMIT, now, cost)


async def test_a_burst_and_then_one_by_one(db: Database) -> None:
    verdicts = [await take(db, "k", START) for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 4 + [False]
    assert [verdict.left for verdict in verdicts] == [3, 2, 1, 0, 0]
    assert verdicts[-1].retry_after == LIMIT.every_microseconds / SECOND
    assert not (await take(db, "k", START + LIMIT.every_microseconds - 1)).allowed
    assert (await take(db, "k", START + LIMIT.every_microseconds)).allowed


async def test_it_agrees_with_a_leaking_bucket_at_every_step(db: Database) -> None:
    chance = random.Random(20261120)  # noqa: S311  repeatable on purpose
    buckets = {key: Bucket(LIMIT) for key in ("a", "b", "c")}
    now = START
    async with db.begin() as tables:
        for step in range(800):
            now += chance.choice([0, 1, SECOND, chance.randrange(30 * SECOND)])
            key, cost = chance.choice("abc"), chance.choice([1, 1, 1, 2, 4])
            assert await tables.rates.take(key, LIMIT, now, cost) == buckets[key].take(now, cost), step


async def test_of_many_at_once_exactly_the_burst_passes(db: Database) -> None:
    verdicts = await asyncio.gather(*(take(db, "k", START) for _ in range(60)))
    assert sum(verdict.allowed for verdict in verdicts) == LIMIT.burst


async def test_a_cost_that_can_never_pass_is_an_error_of_the_caller(sqlite_db: Database) -> None:
    for cost in (0, LIMIT.burst + 1):
        with pytest.raises(ValueError):
            await take(sqlite_db, "k", START, cost)


async def test_a_key_at_rest_is_forgotten_and_nothing_changes_by_it(db: Database) -> None:
    await take(db, "k", START)
    async with db.begin() as tables:
        assert await tables.rates.purge(START) == 0
        assert await tables.rates.purge(START + LIMIT.every_microseconds) == 1
    assert (await take(db, "k", START + LIMIT.every_microseconds)).left == 3


async def test_of_several_keys_all_are_spent_or_none(db: Database) -> None:
    narrow, wide = Limit(burst=1, every_microseconds=SECOND), Limit(burst=3, every_microseconds=3_600 * SECOND)

    async def both(now: int) -> dict[str, float]:
        async with db.begin() as tables:
            if waits := await tables.rates.take_all({"wide": wide, "narrow": narrow}, now):
                await tables.session.rollback()
            return waits

    assert await both(START) == {}
    assert await both(START) == {"narrow": 1.0}
    assert await both(START + SECOND) == {} == await both(START + 2 * SECOND), "the refused one cost nothing"
    assert await both(START + 3 * SECOND) == {"wide": 3_597.0}


async def test_several_keys_are_taken_by_many_at_once_without_a_deadlock(db: Database) -> None:
    limits = {name: Limit(burst=30, every_microseconds=SECOND) for name in "abcdef"}

    async def one(number: int) -> bool:
        names = random.Random(number).sample("abcdef", 4)  # noqa: S311  repeatable on purpose
        async with db.begin() as tables:
            return not await tables.rates.take_all({name: limits[name] for name in names}, START)

    assert all(await asyncio.gather(*(one(number) for number in range(30))))
