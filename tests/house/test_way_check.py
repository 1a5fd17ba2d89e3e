"""What the doctor says of the way to PostgreSQL."""

import time
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.doctor import way_check
from bot.doctor.way_check import way as examined
from bot.readiness import lesser
from storage.bus.postgres import PostgresBus
from storage.clock import CLOCK
from storage.database import Database
from tests.support.audit import KEYS
from tests.support.way import PostgresWay, opened


@pytest.fixture
async def way(postgres_url: str) -> AsyncIterator[PostgresWay]:
    async with opened(PostgresWay(postgres_url)) as way:
        yield way


@pytest.fixture
def a_wrong_clock() -> Iterator[None]:
    CLOCK.forget()
    CLOCK.wall = lambda: time.time_ns() + 20 * 10**9
    yield
    CLOCK.wall = time.time_ns
    CLOCK.forget()


async def states(url: str, listen_url: str | None = None) -> dict[str, tuple[str, str]]:
    db = Database(url, KEYS)
    try:
        return {each.subject: (each.state, each.found) for each in await examined(db, url, listen_url)}
    finally:
        await db.close()


async def test_a_plain_way_is_well(way: PostgresWay) -> None:
    found = await states(way.url)
    assert {subject: state for subject, (state, _) in found.items()} == {"notifications": "ok", "clock": "ok"}


async def test_a_pooler_that_is_not_named_is_found_and_so_is_a_clock_that_is_wrong(
    way: PostgresWay, postgres_url: str, a_wrong_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way_check, "HEARD_WITHIN", 0.1)
    way.swallows = True
    found = await states(way.url)
    assert {subject for subject, (state, _) in found.items() if state == "warn"} == {"pooler", "notifications", "clock"}
    assert "20 s ahead" in found["clock"][1] and "DATABASE_URL" in found["notifications"][1]
    named = await states(f"{way.url}&statement_cache_size=0", postgres_url)
    assert named["notifications"][0] == "ok" and "pooler" not in named
    assert named["time limits"][0] == "warn"


async def test_a_process_that_does_not_hear_the_others_says_so_and_may_be_sent_traffic(way: PostgresWay) -> None:
    db = Database(way.url, KEYS)
    for way.swallows in (True, False):
        async with PostgresBus(db.engine, patience=0.05).listening() as bus:
            told = lesser(bus, "")
        assert ("notifications" in told) is way.swallows
    await db.close()
