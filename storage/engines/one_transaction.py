"""One transaction: what is asked again and again goes the short way, all else by way of SQLAlchemy's session."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.util import greenlet_spawn

from storage.engines.engine import READING
from storage.engines.prepared import Prepared, PreparedStatements, Row, asked
from storage.engines.sqlite_connection import Answer, SqliteConnection

# Rows are values: a change by UPDATE is not copied into those held, and what is read is read anew.
AS_VALUES = {"synchronize_session": False, "populate_existing": True}


class OneTransaction:
    """``statement`` is a constant in each of its questions, with parameters for all that changes."""

    def __init__(self, connection: AsyncConnection, prepared: PreparedStatements) -> None:
        self.connection = connection
        self.on_postgres = connection.dialect.name == "postgresql"
        self._only_reads = bool(
            connection.sync_connection and connection.sync_connection.get_execution_options().get(READING)
        )
        self._prepared = prepared
        self._session: AsyncSession | None = None

    @property
    def session(self) -> AsyncSession:
        """Made when somebody asks for it: most transactions do without."""
        if self._session is None:
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

    async def add(self, statement: sa.Insert, rows: Sequence[Mapping[str, Any]]) -> None:
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
        connection: Any = self.connection.sync_connection
        for hook in connection.dispatch.before_cursor_execute:
            text, parameters = hook(connection, None, text, parameters, None, many)
        return text, parameters

    @property
    def _driver(self) -> SqliteConnection:
        connection: Any = self.connection.sync_connection
        driver: SqliteConnection = connection.connection.driver_connection
        return driver

    async def _write_first(self) -> None:
        """What waits in the session to be written."""
        if (session := self._session) is not None and (session.new or session.dirty or session.deleted):
            await session.flush()

    async def end(self, act: Callable[[sa.Connection], None]) -> None:
        """By a commit or a rollback, whoever is cancelled meanwhile; the connection is the pool's again."""
        if self._only_reads and not self.on_postgres:
            await self._end(act)  # SQLite's driver lets nobody wait for that
        else:
            await asyncio.shield(asyncio.create_task(self._end(act)))

    async def _end(self, act: Callable[[sa.Connection], None]) -> None:
        connection: Any = self.connection.sync_connection
        try:
            await greenlet_spawn(_ended, connection, act)
        finally:
            if self._session is not None:
                await self._session.close()

    async def flush(self) -> None:
        if self._session is not None:
            await self._session.flush()


@asynccontextmanager
async def opened(engine: AsyncEngine, prepared: PreparedStatements) -> AsyncIterator[OneTransaction]:
    """Committed on success, rolled back on any error."""
    connection = await greenlet_spawn(_begun, engine.sync_engine)
    one = OneTransaction(AsyncConnection(engine, connection), prepared)
    try:
        yield one
        await one.flush()
    except BaseException:
        await one.end(sa.Connection.rollback)
        raise
    await one.end(sa.Connection.commit)


def _begun(engine: sa.Engine) -> sa.Connection:
    connection = engine.connect()
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def _ended(connection: sa.Connection, act: Callable[[sa.Connection], None]) -> None:
    try:
        act(connection)
    finally:
        connection.close()
