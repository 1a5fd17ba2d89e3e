"""How SQLite's thread is asked: seldom, in order, and never for more than it can hold."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.database import Database
from storage.engines.engine import MOST_ON_SQLITE
from storage.engines.sqlite_answers import AT_ONCE
from storage.engines.sqlite_connection import SqliteConnection
from storage.schema import now
from storage.tables import Workspace
from tests.storage import rows
from tests.storage.rows import T1
from tests.support.audit import KEYS

LONG = (
    "WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < 30000000) SELECT max(n) FROM each"
)
COUNT = sa.select(sa.func.count()).select_from(Workspace)


@contextmanager
def ways(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ways to the thread and back that are waited for, and the ends that are not."""
    gone: list[str] = []
    waited, ended = SqliteConnection._execute, SqliteConnection._end

    async def way(self: SqliteConnection, act: Any) -> Any:
        gone.append("waited")
        return await waited(self, act)

    async def end(self: SqliteConnection, act: Any) -> None:
        before = len(gone)
        touched = self._touched
        await ended(self, act)
        gone.extend(["not waited"] if touched and len(gone) == before else [])

    with monkeypatch.context() as patched:
        patched.setattr(SqliteConnection, "_execute", way)
        patched.setattr(SqliteConnection, "_end", end)
        yield gone


async def test_a_look_is_one_way_and_its_end_is_not_waited_for(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await rows.conversation(sqlite_db)
    with ways(monkeypatch) as gone:
        async with sqlite_db.read() as tables:
            assert await tables.conversations.get(T1, chat.id)
    assert gone == ["waited", "not waited"]


async def test_a_change_is_on_the_disk_when_its_end_was_waited_for(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rows.workspace(sqlite_db, "another")
    with ways(monkeypatch) as gone:
        async with sqlite_db.begin() as tables:
            await tables.session.execute(sa.insert(Workspace).values(id=T1))
    assert gone == ["waited", "waited"]
    assert _by_another(sqlite_db) == 2


async def test_a_transaction_in_which_nothing_is_asked_goes_nowhere(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rows.workspace(sqlite_db)
    async with sqlite_db.begin(), sqlite_db.read():
        pass  # both have a connection by now
    with ways(monkeypatch) as gone:
        async with sqlite_db.begin(), sqlite_db.read():
            pass
    assert gone == []


async def test_one_who_looked_holds_nobody_up_afterwards(sqlite_db: Database) -> None:
    await rows.workspace(sqlite_db)
    for number in range(20):
        async with sqlite_db.read() as tables:
            assert await tables.session.scalar(COUNT) == number + 1
        await rows.workspace(sqlite_db, f"other-{number}")


async def test_many_who_look_at_once_take_turns_and_no_connection_is_made_twice(sqlite_db: Database) -> None:
    made: list[object] = []
    sa.event.listen(sqlite_db.engine.sync_engine, "connect", lambda connection, _: made.append(connection))

    async def look(_: int) -> int | None:
        async with sqlite_db.read() as tables:
            return await tables.session.scalar(COUNT)

    for _ in range(2):
        assert await asyncio.gather(*map(look, range(4 * MOST_ON_SQLITE))) == [0] * 4 * MOST_ON_SQLITE
    assert 1 < len(made) <= MOST_ON_SQLITE


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 7])
async def test_an_answer_of_any_length_is_whole_whichever_way_it_is_read(sqlite_db: Database, count: int) -> None:
    async with sqlite_db.begin() as tables:
        if count:
            await tables.session.execute(sa.insert(Workspace), [{"id": f"w{number:05}"} for number in range(count)])
    wanted = [f"w{number:05}" for number in range(count)]
    query = sa.select(Workspace.id).order_by(Workspace.id)
    async with sqlite_db.read() as tables:
        assert list(await tables.session.scalars(query)) == wanted
        assert [each async for each in await tables.session.stream_scalars(query)] == wanted
        parts = await tables.session.stream_scalars(query)
        assert [each async for part in parts.partitions(300) for each in part] == wanted


async def test_a_long_answer_is_fetched_bit_by_bit(sqlite_db: Database) -> None:
    numbers = sa.text(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1e12)"
        " SELECT n FROM numbers"
    )
    async with sqlite_db.read() as tables:
        endless = await tables.session.stream_scalars(numbers)
        assert [await anext(endless) for _ in range(2 * AT_ONCE)] == list(range(1, 2 * AT_ONCE + 1))
        await endless.close()


async def test_how_many_rows_a_change_touched_is_told_with_those_it_returns(sqlite_db: Database) -> None:
    count = AT_ONCE + 3
    async with sqlite_db.begin() as tables:
        await tables.session.execute(sa.insert(Workspace), [{"id": f"w{number}"} for number in range(count)])
    async with sqlite_db.begin() as tables:
        gone = await tables.session.scalars(sa.delete(Workspace).where(Workspace.id != "w1").returning(Workspace.id))
        assert len(list(gone)) == count - 1
        rest: Any = await tables.session.execute(sa.delete(Workspace))
        assert rest.rowcount == 1


async def test_a_writer_who_is_kept_out_says_so_and_the_next_one_may(sqlite_url: str) -> None:
    db = Database(sqlite_url, KEYS)
    sa.event.listen(db.engine.sync_engine, "connect", _waits_for_nobody)
    with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            await rows.workspace(db)
        async with db.read() as tables:
            assert await tables.session.scalar(COUNT) == 0
        other.execute("ROLLBACK")
    await rows.workspace(db)
    assert _by_another(db) == 1
    await db.close()


async def test_a_statement_that_fails_leaves_a_connection_that_works(sqlite_db: Database) -> None:
    for _ in range(3):
        with pytest.raises(OperationalError, match="no such table"):
            async with sqlite_db.begin() as tables:
                await tables.workspaces.ensure(T1)
                await tables.session.execute(sa.text("SELECT * FROM nowhere"))
    async with sqlite_db.read() as tables:
        assert await tables.session.scalar(COUNT) == 0


def _by_another(db: Database) -> int:
    with closing(sqlite3.connect(Path(str(db.engine.url.database)))) as other:
        [(count,)] = other.execute("SELECT count(*) FROM workspaces").fetchall()
    return int(count)


def _waits_for_nobody(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout=0").close()


async def test_a_task_cut_off_in_its_question_leaves_no_thread_behind_when_the_database_closes(sqlite_url: str) -> None:
    database, asking = Database(sqlite_url, KEYS), asyncio.Event()

    async def ask() -> None:
        async with database.read() as tables:
            driver = (await (await tables.session.connection()).get_raw_connection()).driver_connection
            assert driver is not None
            asking.set()
            await driver.ask(LONG, ())

    before = set(threading.enumerate())
    task = asyncio.create_task(ask())
    await asking.wait()
    task.cancel()
    workers = set(threading.enumerate()) - before
    assert workers
    await database.close()
    assert not any(each.is_alive() for each in workers)
    await asyncio.gather(task, return_exceptions=True)


async def test_what_only_has_to_be_stored_goes_with_the_commit(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rows.workspace(sqlite_db)
    with ways(monkeypatch) as gone:
        async with sqlite_db.begin() as tables:
            await tables.jobs.once_more("kind", "once", {}, now())
            assert gone == []
    assert len(gone) == 1
    async with sqlite_db.read() as tables:
        assert await tables.jobs.payload("once") == {}


async def test_what_waits_is_there_for_the_next_question_and_gone_with_a_rollback(sqlite_db: Database) -> None:
    await rows.workspace(sqlite_db)
    with pytest.raises(ZeroDivisionError):
        async with sqlite_db.begin() as tables:
            await tables.jobs.once_more("kind", "once", {}, now())
            assert await tables.jobs.payload("once") == {}
            await tables.jobs.once_more("kind", "another", {}, now())
            raise ZeroDivisionError
    async with sqlite_db.begin() as tables:
        assert await tables.jobs.payload("once") is await tables.jobs.payload("another") is None


async def test_what_cannot_be_stored_is_told_by_the_commit_and_leaves_nothing(sqlite_db: Database) -> None:
    await rows.workspace(sqlite_db)
    for _ in range(2):  # the connection is as good as before
        with pytest.raises(IntegrityError):
            async with sqlite_db.begin() as tables:
                await tables.jobs.once_more("kind", "once", {}, now())
                await tables.jobs.once_more("kind", "of nobody", {}, now(), workspace="T-nobody")
    async with sqlite_db.read() as tables:
        assert await tables.jobs.payload("once") is None


@pytest.mark.parametrize("way", ["asked", "put off"])
async def test_a_commit_that_fails_leaves_nothing_begun(sqlite_db: Database, way: str) -> None:
    async with sqlite_db.engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE one (id INTEGER PRIMARY KEY)"))
        await connection.execute(sa.text("CREATE TABLE two (id REFERENCES one DEFERRABLE INITIALLY DEFERRED)"))
    two = sa.table("two", sa.column("id", sa.Integer))
    with pytest.raises(IntegrityError):
        async with sqlite_db.begin() as tables:
            if way == "asked":
                await tables.session.execute(sa.insert(two), {"id": 1})
            else:
                await tables.transaction.add(sa.insert(two), [{"id": 1}])
    async with sqlite_db.begin() as tables:
        assert await tables.session.scalar(sa.select(sa.func.count()).select_from(two)) == 0
