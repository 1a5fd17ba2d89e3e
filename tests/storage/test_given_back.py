"""SQLite's connections go back into the pool as good as they were: the next who comes gets the one that came last."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, PendingRollbackError

from storage.database import Database, Tables
from storage.engines import sqlite_connection
from storage.engines.engine import MOST_ON_SQLITE, is_away
from storage.engines.sqlite_answers import Answer
from storage.engines.sqlite_connection import SqliteConnection
from storage.tables import Workspace
from tests.storage import rows
from tests.storage.rows import T1

Act = Callable[[Tables], Awaitable[None]]
COUNT = sa.select(sa.func.count()).select_from(Workspace)
SOON = 45.0
"""Seconds after which a test fails that waits for what never comes."""


@pytest.fixture
def goes_on() -> Iterator[threading.Event]:
    """Until it is set, a thread of SQLite's is in its question."""
    event = threading.Event()
    yield event
    event.set()


async def _driver(tables: Tables) -> SqliteConnection:
    driver: Any = (await tables.transaction.connection.get_raw_connection()).driver_connection
    assert isinstance(driver, SqliteConnection)
    return driver


def _opened(db: Database, how: str) -> AbstractAsyncContextManager[Tables]:
    return db.begin() if how == "begin" else db.read()


async def _count(db: Database) -> int:
    async with db.read() as tables:
        [(count,)] = await tables.transaction.rows(COUNT, {})
    return int(count)


@asynccontextmanager
async def _cut_off(db: Database, how: str, goes_on: threading.Event, *, by_session: bool) -> AsyncIterator[None]:
    """Somebody is cancelled in a question, at which the thread still is."""
    asking = threading.Event()

    def question(cursor: Any) -> Answer:
        asking.set()
        goes_on.wait()
        return Answer(cursor.execute("SELECT 1"))

    async def ask() -> None:
        async with _opened(db, how) as tables:
            if by_session:
                await tables.session.scalar(COUNT)
            await (await _driver(tables)).run(question)

    task = asyncio.create_task(ask())
    await asyncio.to_thread(asking.wait)
    for _ in range(2):  # the second time in its rollback
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    yield


@pytest.mark.parametrize("by_session", [False, True])
@pytest.mark.parametrize("how", ["read", "begin"])
async def test_nobody_waits_for_a_question_whose_asker_has_gone(
    sqlite_db: Database, goes_on: threading.Event, how: str, by_session: bool
) -> None:
    assert await _count(sqlite_db) == 0
    async with _cut_off(sqlite_db, how, goes_on, by_session=by_session):
        async with asyncio.timeout(SOON):
            for _ in range(3):
                assert await _count(sqlite_db) == 0
        goes_on.set()
    await rows.workspace(sqlite_db)  # who wrote is rolled back
    pool: Any = sqlite_db.engine.pool
    async with asyncio.timeout(SOON):
        while pool.checkedout():
            await asyncio.sleep(0)
    assert await _count(sqlite_db) == 1


async def _asks(tables: Tables) -> None:
    await tables.session.scalar(COUNT)


async def _flushes(tables: Tables) -> None:
    tables.session.add(Workspace(id="cut off"))
    await tables.session.flush()


async def _leaves_it_to_the_end(tables: Tables) -> None:
    tables.session.add(Workspace(id="cut off"))


async def _asks_past_the_session(tables: Tables) -> None:
    await tables.transaction.rows(COUNT, {})


async def _asks_after_it(tables: Tables) -> None:
    tables.session.add(Workspace(id="cut off"))
    await tables.transaction.rows(COUNT, {})


async def _asking(
    work: Coroutine[Any, Any, None], goes_on: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> asyncio.Task[None]:
    """Once the thread is in the first question of it."""
    asking, run = threading.Event(), sqlite_connection.run

    def held(*given: Any) -> Answer:
        asking.set()
        goes_on.wait()
        return run(*given)

    with monkeypatch.context() as patched:
        patched.setattr(sqlite_connection, "run", held)
        task = asyncio.create_task(work)
        await asyncio.to_thread(asking.wait)
    return task


WAYS = (_asks, _flushes, _leaves_it_to_the_end, _asks_past_the_session, _asks_after_it)


@pytest.mark.parametrize("often", [1, 2])
@pytest.mark.parametrize("act", WAYS)
async def test_who_is_cut_off_ends_as_cut_off_whatever_they_were_at(
    sqlite_db: Database, goes_on: threading.Event, monkeypatch: pytest.MonkeyPatch, act: Act, often: int
) -> None:
    """Or a loop that has been cancelled takes it for trouble with the database, and goes on for ever."""
    assert await _count(sqlite_db) == 0

    async def write() -> None:
        async with sqlite_db.begin() as tables:
            await act(tables)

    task = await _asking(write(), goes_on, monkeypatch)
    for _ in range(often):
        task.cancel()
        await asyncio.sleep(0)
    goes_on.set()
    async with asyncio.timeout(60):
        await asyncio.wait({task})
    assert task.cancelled()
    await rows.workspace(sqlite_db)
    assert await _count(sqlite_db) == 1


async def test_a_commit_that_nobody_waits_for_any_more_takes_place_and_holds_up_nobody_who_reads(
    sqlite_db: Database, goes_on: threading.Event
) -> None:
    assert await _count(sqlite_db) == 0
    committing = threading.Event()

    def slowly(cursor: Any) -> Answer:
        committing.set()
        goes_on.wait()
        return Answer(cursor.execute("SELECT 1"))

    async def write() -> None:
        async with sqlite_db.begin() as tables:
            await tables.transaction.add(sa.insert(Workspace), [{"id": T1}])
            (await _driver(tables)).later(slowly)  # it goes with the commit

    task = asyncio.create_task(write())
    await asyncio.to_thread(committing.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(SOON):
        assert await _count(sqlite_db) == 0
    goes_on.set()
    await rows.workspace(sqlite_db, "after")
    assert await _count(sqlite_db) == 2


async def test_a_connection_that_is_closed_is_given_to_one_alone(sqlite_db: Database) -> None:
    assert await _count(sqlite_db) == 0
    async with sqlite_db.read() as tables:
        await (await _driver(tables)).close()
    assert [await _count(sqlite_db) for _ in range(3)] == [0, 0, 0]


async def test_who_loses_the_connection_hears_that_the_database_is_away(sqlite_db: Database) -> None:
    for how in ("read", "begin"):
        with pytest.raises(OperationalError) as lost:
            async with _opened(sqlite_db, how) as tables:
                await tables.transaction.rows(COUNT, {})
                await (await _driver(tables)).close()
                await tables.transaction.rows(COUNT, {})
        assert is_away(lost.value)
    with pytest.raises(OperationalError):  # it must not pass for stored
        async with sqlite_db.begin() as tables:
            await tables.transaction.add(sa.insert(Workspace), [{"id": T1}])
            await (await _driver(tables)).close()
    assert await _count(sqlite_db) == 0


async def test_what_goes_wrong_in_a_transaction_is_not_hidden_by_a_connection_that_is_gone(sqlite_db: Database) -> None:
    for how in ("read", "begin"):
        with pytest.raises(ZeroDivisionError):
            async with _opened(sqlite_db, how) as tables:
                await tables.transaction.rows(COUNT, {})
                await (await _driver(tables)).close()
                raise ZeroDivisionError


async def test_nothing_stays_begun_where_a_commit_is_not_come_to(sqlite_db: Database) -> None:
    def refuse(_: object) -> None:
        raise ZeroDivisionError

    sa.event.listen(sqlite_db.engine.sync_engine, "commit", refuse)
    with pytest.raises(ZeroDivisionError):
        async with sqlite_db.begin() as tables:
            await tables.transaction.rows(
                sa.insert(Workspace).values(id=sa.bindparam("id")).returning(Workspace.id), {"id": T1}
            )
    sa.event.remove(sqlite_db.engine.sync_engine, "commit", refuse)
    await rows.workspace(sqlite_db, "another")
    assert await _count(sqlite_db) == 1


async def test_nobody_who_waits_for_a_connection_is_forgotten_when_the_database_closes_meanwhile(
    sqlite_db: Database,
) -> None:
    leave, inside = asyncio.Event(), list[int]()

    async def look() -> int:
        async with sqlite_db.read() as tables:
            inside.append(1)
            await leave.wait()
            [(count,)] = await tables.transaction.rows(COUNT, {})
            return int(count)

    looking = [asyncio.create_task(look()) for _ in range(4 * MOST_ON_SQLITE)]
    while len(inside) < MOST_ON_SQLITE:
        await asyncio.sleep(0)
    await sqlite_db.close()
    leave.set()
    async with asyncio.timeout(SOON):  # the pool's own patience is longer
        found = await asyncio.gather(*looking, return_exceptions=True)
    assert [each for each in found if each != 0 and not isinstance(each, OperationalError)] == []
    assert 0 in found


async def test_a_connection_that_is_closed_twice_lets_go_of_the_file(
    sqlite_db: Database, goes_on: threading.Event
) -> None:
    asking = threading.Event()

    def question(cursor: Any) -> Answer:
        asking.set()
        goes_on.wait()
        return Answer(cursor.execute("SELECT 1"))

    async with sqlite_db.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        opened = driver._conn
    driver.begin("BEGIN IMMEDIATE")
    asked = asyncio.create_task(driver.run(question))
    await asyncio.to_thread(asking.wait)
    driver.stop()
    await driver.close()
    goes_on.set()
    await asked
    async with asyncio.timeout(SOON):
        await asyncio.to_thread(driver._thread.join)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened.in_transaction  # noqa: B018 - the question alone is refused


async def test_what_was_cut_off_is_never_taken_for_stored(
    sqlite_db: Database, goes_on: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _count(sqlite_db) == 0

    async def write() -> None:
        async with sqlite_db.begin() as tables:
            with suppress(asyncio.CancelledError):
                await _flushes(tables)

    task = await _asking(write(), goes_on, monkeypatch)
    task.cancel()
    goes_on.set()
    with pytest.raises(PendingRollbackError):
        await task
    assert await _count(sqlite_db) == 0
