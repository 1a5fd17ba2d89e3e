"""A database whose answer to a COMMIT is lost: the transaction was carried out or undone, and nobody is told which.

With ``LOST_COMMITS=3`` any test goes with every third answer lost that PostgreSQL gives it, of what was carried out:
nothing of that may show.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.engines.engine import READING
from storage.engines.sqlite_connection import SqliteConnection

ALWAYS = int(os.environ.get("LOST_COMMITS", "0"))


class LostCommits:
    """Counts writing transactions; the answers to the chosen ones are lost, whatever became of them."""

    def __init__(self) -> None:
        self.seen, self.lost = 0, 0
        self._first, self._every, self._happens, self._writes = 0, 0, True, False
        self._by_turns = True

    def choose(self, first: int, *, every: int = 0, happens: bool = True, by_turns: bool = True) -> None:
        """Counted from now on, tests' own too; 0 is none.

        ``every``: after the first each so-manieth as well, carried out or undone ``by_turns``.
        """
        self.seen, self.lost, self._first, self._every, self._happens = 0, 0, first, every, happens
        self._by_turns = by_turns

    def begins(self, connection: sa.Connection) -> None:
        self._writes = not connection.get_execution_options().get(READING)

    def ends(self, dialect: Any, connection: Any, commit: Any) -> None:
        self.seen += self._writes
        if not self._writes or not self._is_chosen():
            return commit(connection)
        (commit if self._takes_place() else dialect.do_rollback)(connection)
        connection.driver_connection.terminate()
        raise dialect.loaded_dbapi.InterfaceError("connection was closed in the middle of operation")

    async def ends_on_sqlite(self, driver: SqliteConnection, commit: Any) -> None:
        self.seen += self._writes
        if not self._writes or not self._is_chosen():
            return await commit(driver)
        await (commit(driver) if self._takes_place() else driver.rollback())
        raise sqlite3.OperationalError("disk I/O error")

    def _takes_place(self) -> bool:
        turned = self._by_turns and bool(self.lost % 2)
        self.lost += 1
        return self._happens is not turned

    def _is_chosen(self) -> bool:
        since = self.seen - self._first
        return bool(self._first) and (since == 0 or (self._every > 0 and since > 0 and since % self._every == 0))


@contextmanager
def losing_commits(db: Database) -> Iterator[LostCommits]:
    lost, engine = LostCommits(), db.engine.sync_engine
    sa.event.listen(engine, "commit", lost.begins)
    try:
        with pytest.MonkeyPatch.context() as patched:
            if db.is_postgres:
                commit = engine.dialect.do_commit
                patched.setattr(engine.dialect, "do_commit", lambda each: lost.ends(engine.dialect, each, commit))
            else:
                to_its_thread = SqliteConnection.commit
                patched.setattr(SqliteConnection, "commit", lambda each: lost.ends_on_sqlite(each, to_its_thread))
            yield lost
    finally:
        sa.event.remove(engine, "commit", lost.begins)


@contextmanager
def as_asked(db: Database) -> Iterator[None]:
    """For the run as a whole."""
    if not (ALWAYS and db.is_postgres):
        yield
        return
    with losing_commits(db) as lost:
        lost.choose(ALWAYS, every=ALWAYS, by_turns=False)
        yield
