"""One transaction: what is asked again and again goes the short way, all else by way of SQLAlchemy's session."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.util import greenlet_spawn

from storage.engines.begun import begun, ended, heard, is_postgres
from storage.engines.engine import READING
from storage.engines.kept import KeptPool
from storage.engines.prepared import Prepared, PreparedStatements, Row, asked
from storage.engines.sqlite_answers import Answer
from storage.engines.sqlite_connection import SqliteConnection

# Rows are values: a change by UPDATE is not copied into those held, and what is read is read anew.
AS_VALUES = {"synchronize_session": False, "populate_existing": True}


class OneTransaction:
    """``statement`` is a constant in each of its questions, with parameters for all that changes."""

    def __init__(
        self, engine: AsyncEngine, held: sa.Connection, pool: KeptPool | None, prepared: PreparedStatements
    ) -> None:
        self.on_postgres = is_postgres(engine)
        self._engine, self._held, self._prepared = engine, held, prepared
        self._session: AsyncSession | None = None
        self._went = False
        self._pool = pool

    @property
    def has_asked(self) -> bool:
        """Anything at all that was not undone by hand since."""
        asked = self._went or (self._session is not None and self._session.in_transaction())
        return asked and self.connection.in_transaction()

    @cached_property
    def connection(self) -> AsyncConnection:
        return AsyncConnection(self._engine, self._held)

    @property
    def session(self) -> AsyncSession:
        """Made when somebody asks for it: most transactions do without."""
        if self._session is None:
            if not self._held.in_transaction():  # SQLite's driver has begun; SQLAlchemy is told only here
                self._held.begin()
            self._session = AsyncSession(self.connection, expire_on_commit=False, execution_options=AS_VALUES)
        return self._session

    async def rows(self, statement: sa.Executable, told: Mapping[str, Any]) -> Sequence[Row]:
        """All that it gives."""
        await self._write_first()
        if self.on_postgres:
            return [tuple(row) for row in await self.connection.execute(statement, told)]
        prepared = self._prepared.of(statement, told)
        return prepared.rows(await self._asked(prepared, told))

    async def first(self, statement: sa.Executable, told: Mapping[str, Any]) -> Row | None:
        return next(iter(await self.rows(statement, told)), None)

    async def count(self, statement: sa.Executable, told: Mapping[str, Any]) -> int:
        """How many rows it touched."""
        await self._write_first()
        if self.on_postgres:
            return (await self.connection.execute(statement, told)).rowcount
        prepared = self._prepared.of(statement, told)
        return (await self._asked(prepared, told)).rowcount

    async def add(self, statement: sa.Insert | sa.Update, rows: Sequence[Mapping[str, Any]]) -> None:
        """These, each with values of the same names; on SQLite they go with what is asked next, or with the commit."""
        await self._write_first()
        if self.on_postgres:
            await self.connection.execute(statement, rows if len(rows) > 1 else rows[0])
            return
        prepared = self._prepared.of(statement, rows[0])
        text, given = self._as_sent(prepared.text, [prepared.parameters(row) for row in rows], many=True)
        self._driver.later(lambda cursor: Answer(cursor.executemany(text, given)))

    def forget(self) -> None:
        """What was read: else it would be undone with a transaction that fails."""
        if self._session is not None:
            self._session.expunge_all()

    async def _asked(self, prepared: Prepared, told: Mapping[str, Any]) -> Answer:
        return await asked(self._driver, *self._as_sent(prepared.text, prepared.parameters(told)))

    def _as_sent(self, text: str, parameters: Any, *, many: bool = False) -> tuple[str, Any]:
        """As by SQLAlchemy's way, whose hooks see it here too."""
        held: Any = self._held
        for hook in held.dispatch.before_cursor_execute:
            text, parameters = hook(held, None, text, parameters, None, many)
        return text, parameters

    @cached_property
    def _driver(self) -> SqliteConnection:
        held: Any = self._held
        driver: SqliteConnection = held.connection.driver_connection
        return driver

    async def _write_first(self) -> None:
        """What waits in the session to be written."""
        self._went = True
        if (session := self._session) is not None and (session.new or session.dirty or session.deleted):
            await session.flush()

    async def end(self, act: Callable[[sa.Connection], None]) -> None:
        """By a commit or a rollback, whoever is cancelled meanwhile; the connection is the pool's again."""
        if self._held.invalidated and not self._held.in_transaction():
            self._ended_before(act)
        elif not (self.on_postgres or self._held.in_transaction()):
            await self._end_at_once(act)
        elif not self.on_postgres and self._held.get_execution_options().get(READING):
            await self._end(act)  # SQLite's driver lets nobody wait for that
        else:
            await asyncio.shield(asyncio.create_task(self._end(act)))

    def _ended_before(self, act: Callable[[sa.Connection], None]) -> None:
        """With its connection, when whoever asked was cut off: that is closed by now, and takes no word more."""
        self._give_back()
        if act is sa.Connection.commit:
            raise PendingRollbackError("its connection is gone, and nothing of it is stored")

    async def _end_at_once(self, act: Callable[[sa.Connection], None]) -> None:
        """On SQLite, where all went the short way. Whoever is cancelled: its thread does one thing after the other."""
        try:
            if act is sa.Connection.commit:
                heard(self._held, "commit")
                await self._driver.commit()
            else:
                heard(self._held, "rollback")
                await self._driver.rollback()
        except BaseException as error:
            await self._driver.rollback()  # of what has not come to its end
            if isinstance(error, sqlite3.Error):
                raise DBAPIError.instance(None, None, error, sqlite3.Error, hide_parameters=True) from error
            raise
        finally:
            self._give_back()

    async def _end(self, act: Callable[[sa.Connection], None]) -> None:
        try:
            await greenlet_spawn(ended, self._held, act)
        finally:
            if self._session is not None:
                await self._session.close()
            self._give_back()

    def _give_back(self) -> None:
        if self._pool is None:
            self._held.close()
        else:
            self._pool.give_back(self._held)

    async def flush(self) -> None:
        if self._session is not None:
            await self._session.flush()


@asynccontextmanager
async def opened(engine: AsyncEngine, prepared: PreparedStatements) -> AsyncIterator[OneTransaction]:
    """Committed on success, rolled back on any error."""
    one = OneTransaction(engine, *await begun(engine), prepared)
    try:
        yield one
        await one.flush()
    except BaseException:
        await one.end(sa.Connection.rollback)
        raise
    await one.end(sa.Connection.commit)
