"""What is confirmed is on the disk, the journal stays small, and a full disk is known for what it is."""

import importlib.util
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.doctor.durability_check import durability
from bot.running import disk
from bot.running.database import silent
from bot.running.disk import HELD, LOW, Disk
from bot.running.logs import SaidOnce
from bot.settings import Settings
from storage.database import Database
from storage.engines import journal
from storage.engines.engine import is_away
from storage.engines.room import LACKS, is_full
from storage.tables import Job
from tests.support.audit import KEYS

FULL = sa.text("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$")
JOB = Job()


@pytest.fixture
def reader(sqlite_db: Database) -> Iterator[sqlite3.Connection]:
    """Somebody who looks at the file and forgets to stop."""
    with closing(sqlite3.connect(str(sqlite_db.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM workspaces").fetchall()
        yield other


async def write(db: Database, name: str) -> None:
    async with db.begin() as tables:
        await tables.workspaces.ensure(name)


async def test_a_commit_waits_for_the_disk(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec(journal.__name__)
    assert spec and spec.loader
    by_itself = importlib.util.module_from_spec(spec)  # for all other tests it is switched off
    spec.loader.exec_module(by_itself)
    monkeypatch.setattr(journal, "SYNCHRONOUS", by_itself.SYNCHRONOUS)
    db = Database(sqlite_url, KEYS)
    async with db.engine.connect() as connection:
        found = [await connection.scalar(sa.text(f"PRAGMA {name}")) for name in ("synchronous", "journal_size_limit")]
    await db.close()
    assert found == [2, journal.KEPT]


async def test_a_reader_who_stays_holds_up_the_journal_but_nobody_who_writes(
    sqlite_db: Database,
    reader: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(disk, "LARGE", 0)
    monkeypatch.setattr(journal, "LARGE", 0)
    monkeypatch.setattr(journal, "READERS_WAIT", 1)
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(disk, "LITTLE", 0)
    keeper = Disk(sqlite_db)
    for name in ("T1", "T2"):
        await write(sqlite_db, name)
        await keeper.settle(JOB)
    assert [each.msg for each in caplog.records] == [HELD], "said once"
    assert (await durability(sqlite_db)).state == "warn"
    await write(sqlite_db, "T3")
    reader.execute("COMMIT")
    await keeper.settle(JOB)
    assert journal.size_of(sqlite_db.engine) == 0 and (await durability(sqlite_db)).state == "ok"
    async with sqlite_db.engine.connect() as connection:
        assert await connection.scalar(sa.text("PRAGMA busy_timeout")) == journal.USUALLY_WAIT


async def test_a_full_disk_is_known_for_what_it_is_on_both_databases(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL's own code for it; SQLite with a file that may not grow."""
    caplog.set_level(logging.INFO)
    for _ in range(3):
        with pytest.raises(DBAPIError) as failed:
            async with db.begin() as tables:
                if db.is_postgres:
                    await tables.session.execute(FULL)
                else:
                    await tables.session.execute(sa.text("PRAGMA max_page_count = 1"))
                    await tables.session.execute(sa.text("CREATE TABLE more AS SELECT zeroblob(9000000)"))
        assert is_full(failed.value) and is_away(failed.value)
    assert caplog.messages.count(LACKS) == 1
    assert await db.has_room(), "a small thing can be written again"
    assert not db.room.lacks.is_set()


async def test_that_little_room_is_left_is_said_once(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(disk, "LITTLE", 1 << 60)
    keeper = Disk(sqlite_db)
    for _ in range(2):
        await keeper.settle(JOB)
    assert [each.msg for each in caplog.records] == [LOW]


def test_what_fails_for_want_of_room_is_not_logged_again_and_again() -> None:
    def record(error: Exception) -> logging.LogRecord:
        return logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (type(error), error, None))

    full = OSError(28, "No space left on device")
    wrapped = RuntimeError("while storing")
    wrapped.__cause__ = full
    assert [SaidOnce().filter(record(each)) for each in (full, wrapped, ValueError("x"))] == [False, False, True]


async def test_the_doctor_says_what_a_power_cut_takes_along(postgres_db: Database) -> None:
    """The tests' own server keeps nothing, so that they are quick."""
    assert "fsync and full_page_writes off" in (await durability(postgres_db)).found


def test_a_start_on_a_full_disk_is_told_with_the_cure() -> None:
    failed = sqlite3.OperationalError("database or disk is full")
    failed.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert "Make room" in silent(Settings.model_construct(), failed)
