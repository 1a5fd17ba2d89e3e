"""A PostgreSQL that goes silent: connections live, and no answer comes."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from storage.bus.bus import open_bus
from storage.bus.postgres import PostgresBus
from storage.database import Database
from storage.engines.address import Address
from storage.engines.engine import TROUBLE, is_away
from storage.engines.postgres import Patience
from tests.support.audit import KEYS
from tests.support.way import PostgresWay, opened

BRIEF = Patience(connect=5, command=5, ping=3, parting=0.1)
"""As much as a busy machine may take of itself: what is to succeed is asked with it too."""
SOON = 60.0
"""Seconds after which a test fails that waits for what never comes."""


@pytest.fixture
async def way(postgres_url: str) -> AsyncIterator[PostgresWay]:
    async with opened(PostgresWay(postgres_url)) as way:
        yield way


@pytest.fixture
async def silent_db(way: PostgresWay) -> AsyncIterator[Database]:
    database = Database(way.url, KEYS, BRIEF)
    yield database
    async with asyncio.timeout(SOON):
        await database.close()


async def test_a_statement_that_gets_no_answer_ends_and_the_next_one_finds_the_new_server(
    way: PostgresWay, silent_db: Database
) -> None:
    async with asyncio.timeout(SOON):
        with pytest.raises(TROUBLE) as caught:
            async with silent_db.begin() as tables:
                await tables.workspaces.ensure("T1")
                way.hold()
                await tables.workspaces.ensure("T2")
        assert is_away(caught.value)
        with pytest.raises(TROUBLE) as caught:
            await silent_db.ping()
        assert is_away(caught.value)
        way.let_others_go()
        async with silent_db.read() as tables:
            assert await tables.workspaces.ids() == []  # not half of it


async def test_a_connection_that_fell_silent_in_the_pool_is_replaced_and_nobody_sees_an_error(
    way: PostgresWay, silent_db: Database
) -> None:
    async with asyncio.timeout(SOON):
        await asyncio.gather(*[silent_db.ping() for _ in range(3)])
        before = way.came
        way.hold()
        way.let_others_go()
        await asyncio.gather(*[silent_db.ping() for _ in range(3)])
    assert before and way.came > before


async def test_who_is_cut_off_while_it_is_silent_need_not_wait_for_it_and_neither_does_the_end(
    way: PostgresWay,
) -> None:
    patient = Database(way.url, KEYS, Patience(command=None, ping=SOON, parting=0.1))
    begun = asyncio.Event()

    async def waits() -> None:
        async with patient.engine.connect() as connection:
            await connection.execute(sa.text("SELECT 1"))
            begun.set()
            await connection.execute(sa.text("SELECT pg_sleep(600)"))

    async with asyncio.timeout(SOON):
        await asyncio.gather(*[patient.ping() for _ in range(5)])
        task = asyncio.create_task(waits())
        await begun.wait()
        way.hold()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await patient.close()


async def test_a_bus_that_hears_nothing_starts_says_so_once_and_looks_by_itself_until_it_hears(
    way: PostgresWay, silent_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    way.swallows = True
    at_once = {"ask_every": 0.02, "patience": 0.05, "look_every": 0.02}
    async with asyncio.timeout(SOON), PostgresBus(silent_db.engine, **at_once).listening() as bus:
        with bus.follow("topic") as bell:
            for _ in range(3):
                assert await bell.wait(SOON) and bell.missed
                bell.take()
        assert not bus.hears
        [warned] = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
        assert "do not arrive" in warned and "DATABASE_LISTEN_URL" in warned
        way.swallows = False
        while not bus.hears:
            await asyncio.sleep(0.01)
    assert "PostgreSQL's notifications arrive again" in caplog.messages


async def test_behind_a_pooler_the_bus_hears_by_a_way_of_its_own(
    way: PostgresWay, silent_db: Database, postgres_url: str
) -> None:
    way.swallows = True
    async with (
        asyncio.timeout(SOON),
        open_bus(silent_db, postgres_url) as bus,
        open_bus(silent_db, postgres_url) as far,
    ):
        with far.follow("topic") as bell:
            await bus.tell("topic", "news")
            assert await bell.wait(SOON) and bell.take() == ["news"]


async def test_the_bus_starts_and_ends_also_where_nobody_answers(way: PostgresWay, silent_db: Database) -> None:
    way.hold()
    nowhere = Address.of(way.url + "&connect_timeout=1")
    async with asyncio.timeout(SOON), PostgresBus(silent_db.engine, nowhere, patience=0.1).listening() as bus:
        await bus.tell("topic")
        assert not bus.hears


async def test_what_may_take_long_is_given_its_time(silent_db: Database) -> None:
    takes = sa.text("SELECT pg_sleep(5.5)")  # longer than its patience
    async with silent_db.unhurried() as tables:
        await tables.session.execute(takes)
    with pytest.raises(TROUBLE):
        async with silent_db.begin() as tables:
            await tables.session.execute(takes)


async def test_the_server_is_told_to_give_up_by_itself_and_who_changes_tables_is_not_hurried(
    postgres_url: str,
) -> None:
    asked = "SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')"
    for patience, expected in ((Patience(on_server=1.5), ("1500ms", "1500ms")), (Patience(on_server=None), ("0", "0"))):
        db = Database(postgres_url, KEYS, patience)
        async with db.engine.connect() as connection:
            assert tuple((await connection.execute(sa.text(asked))).one()) == expected
        await db.close()
