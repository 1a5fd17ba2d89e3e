"""What a tool's member allows is asked before each call: it is what is so at this moment, and costs one way."""

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.database import Database
from storage.engines.sqlite_connection import SqliteConnection
from storage.repositories.mcp import standing
from storage.schema import now
from storage.tables import Connection
from tests.storage import rows
from tests.storage.rows import T1, U1, U2
from tests.storage.test_sqlite_connection import ways
from tests.support.audit import KEYS
from tests.support.postgres import as_owner

GONE: sa.Select[*tuple[Any, ...]] = sa.select(sa.column("state")).select_from(sa.table("nowhere"))


async def _with_a_tool(db: Database, **set_to: str) -> Connection:
    mine = await rows.connection(db, "notes")
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(mine, **set_to)])
    return mine


async def test_a_tool_stands_for_its_own_member_alone(db: Database) -> None:
    mine = await _with_a_tool(db, policy="always", state="accepted")
    assert await db.standing.of(T1, U1, mine.id, "add_note") == ("accepted", "always")
    for workspace, member, connection, name in (
        ("T2", U1, mine.id, "add_note"),
        (T1, U2, mine.id, "add_note"),
        (T1, U1, "another", "add_note"),
        (T1, U1, mine.id, "add_note' OR '1'='1"),
    ):
        assert await db.standing.of(workspace, member, connection, name) is None


async def test_a_change_counts_at_once_and_a_pause_before_all_else(db: Database) -> None:
    mine = await _with_a_tool(db, policy="ask", state="accepted")
    assert await db.standing.of(T1, U1, mine.id, "add_note") == ("accepted", "ask")
    async with db.begin() as tables:
        await tables.tools.set_policy(T1, mine.id, "add_note", "off")
    assert await db.standing.of(T1, U1, mine.id, "add_note") == ("accepted", "off")
    async with db.begin() as tables:
        await tables.session.execute(sa.update(Connection).values(paused_at=now()))
    assert await db.standing.of(T1, U1, mine.id, "add_note") == ("paused", "off")


async def test_what_is_not_committed_yet_does_not_count_and_holds_nobody_up(db: Database) -> None:
    mine = await _with_a_tool(db, policy="ask", state="accepted")
    async with db.begin() as tables:
        await tables.tools.set_policy(T1, mine.id, "add_note", "off")
        assert await db.standing.of(T1, U1, mine.id, "add_note") == ("accepted", "ask")


async def test_it_is_one_way_and_leaves_nothing_to_end(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = await _with_a_tool(sqlite_db)
    await sqlite_db.standing.of(T1, U1, mine.id, "add_note")
    with ways(monkeypatch) as gone:
        await sqlite_db.standing.of(T1, U1, mine.id, "add_note")
    assert gone == ["waited"]


@pytest.fixture
async def unwalled_db(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(as_owner(postgres_url), KEYS)
    yield database
    await database.close()


async def test_on_postgresql_no_transaction_is_put_round_it(unwalled_db: Database) -> None:
    mine = await _with_a_tool(unwalled_db)
    said: list[str] = []
    async with unwalled_db.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_query_logger(lambda record: said.append(record.query))
    async with unwalled_db.engine.connect():
        pass
    by_a_look_whether_it_is_alive, said[:] = list(said), []
    await unwalled_db.standing.of(T1, U1, mine.id, "add_note")
    assert said == by_a_look_whether_it_is_alive
    async with unwalled_db.read() as tables:
        await tables.tools.get(T1, mine.id, "add_note")
    assert "COMMIT;" in said


async def test_a_question_that_fails_does_so_as_any_other_and_spoils_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await _with_a_tool(db, policy="ask", state="accepted")
    with monkeypatch.context() as patched:
        patched.setattr(standing, "QUESTION", GONE)
        with pytest.raises(DBAPIError, match="nowhere") as failed:
            await db.standing.of(T1, U1, mine.id, "add_note")
    assert "add_note" not in str(failed.value)
    assert await db.standing.of(T1, U1, mine.id, "add_note") == ("accepted", "ask")


async def test_a_locked_file_is_a_database_that_is_away(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(SqliteConnection, "ask", locked)
    with pytest.raises(OperationalError, match="locked"):
        await sqlite_db.standing.of(T1, U1, "any", "add_note")
