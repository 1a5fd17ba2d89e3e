"""SQLite's connection lives in a thread, and each way there and back costs more than most statements.

The driver makes four of one question: for a cursor, the statement, its rows, the cursor's end. Here it is one, and it
takes BEGIN along. Nobody waits for the end of a transaction that has only read.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self
from weakref import WeakSet

from aiosqlite import Connection

from storage.engines.sqlite_answers import AT_ONCE, Answer, Row, Statement, committed, run

READING, WRITING = "BEGIN", "BEGIN IMMEDIATE"
# A writer that starts as a reader cannot be let wait: it fails with "database is locked" at once.
CLOSED_WITHIN = 0.5
ENDED_WITHIN = 5.0
"""Seconds, for the statement that is under way in a connection that nobody waits for any more."""


class Opened:
    """All connections of one engine: a task that was cut off in its question leaves one that no pool knows."""

    def __init__(self) -> None:
        self._opened: WeakSet[SqliteConnection] = WeakSet()

    def connect(self, database: str, **options: Any) -> "SqliteConnection":
        """For SQLAlchemy's ``async_creator_fn``."""
        connection = SqliteConnection(partial(sqlite3.connect, database, **options), AT_ONCE)
        connection._thread.daemon = True  # or a connection that nobody closed would keep the process
        self._opened.add(connection)
        return connection

    async def end(self) -> None:
        """Close those that are left, and wait for their threads: one that answers later finds no event loop."""
        await asyncio.gather(*[each.end() for each in self._opened])


class SqliteConnection(Connection):
    _to_begin = _begun = ""
    _opened: sqlite3.Connection | None = None
    """The same when it counts as closed, but its thread is still in a statement."""
    _touched = False
    """Something has run, or waits to, since the last transaction ended."""
    _waiting: tuple[Statement, ...] = ()
    was_left = False
    """By who was cancelled in a question: the thread may be at it still."""

    def begin(self, how: str) -> None:
        """With `READING` or `WRITING`, which goes with the first statement; once, whoever says it again."""
        self._to_begin = how if not self._begun else ""

    async def _connect(self) -> "SqliteConnection":
        await super()._connect()
        self._opened = self._connection
        return self

    async def end(self) -> None:
        """Wherever it is; what is under way is given up."""
        if self._thread.is_alive():
            self.stop()
            await asyncio.to_thread(self._see_it_end)
            while not self._tx.empty():  # asked too late for an answer
                if (waiting := self._tx.get_nowait()[0]) is not None:
                    waiting.cancel()

    async def close(self) -> None:
        """A disk that hangs holds its thread, and nobody who closes it."""
        if not self._running:
            return  # it is on its way; asked once more, the driver forgets what it was to close
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN):
                await super().close()

    def stop(self) -> asyncio.Future[Any] | None:
        return super().stop() if self._thread.is_alive() else None

    def _see_it_end(self) -> None:
        last = time.monotonic() + ENDED_WITHIN
        while self._thread.is_alive() and time.monotonic() < last:
            with suppress(sqlite3.ProgrammingError):  # it is closed by now
                if self._opened is not None:
                    self._opened.interrupt()  # of no use before a statement has begun, so more than once
            self._thread.join(0.02)

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def run(self, statement: Statement) -> Answer:
        """In the thread, on a new cursor, after the BEGIN that is due and what waits."""
        begin, self._to_begin = self._to_begin, ""
        before, self._waiting = self._waiting, ()
        self._begun, self._touched = begin or self._begun, True
        return await self.fetch(partial(run, self._open(), begin, (*before, statement)))

    def later(self, statement: Statement) -> None:
        """With what is asked next, or with the commit: whoever asks so wants to know no more than that it is done."""
        self._waiting = (*self._waiting, statement)
        self._touched = True

    @property
    def is_closed(self) -> bool:
        return self._connection is None or not self._running

    def _open(self) -> sqlite3.Connection:
        if self.is_closed:
            raise sqlite3.OperationalError("no active connection")
        return self._conn

    async def _execute(self, fn: Callable[..., Any], *given: Any, **named: Any) -> Any:
        try:
            return await super()._execute(fn, *given, **named)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            self.was_left = True
            raise

    async def catch_up(self) -> None:
        """Returns once the thread has nothing more to do."""
        self.was_left = False
        await self._execute(lambda: None)

    async def fetch(self, more: Callable[[], Answer]) -> Answer:
        answer: Answer = await self._execute(more)
        return answer

    async def ask(self, sql: str, parameters: Sequence[Any]) -> Row | None:
        """The first row of what only reads, by itself: no transaction begins, so there is none to end."""
        opened = self._open()
        answer = await self.fetch(lambda: Answer(opened.execute(sql, parameters)).close())
        return next(iter(answer.rows), None)

    async def commit(self) -> None:
        begin, waiting = self._to_begin, self._waiting
        await self._end(partial(committed, self._open(), begin, waiting))

    async def rollback(self) -> None:
        if self._to_begin or self.is_closed:  # what waits is all that there is
            self._touched = False
        await self._end(lambda: self._conn.rollback())

    async def _end(self, act: Callable[[], None]) -> None:
        reading, touched = self._begun == READING, self._touched
        self._to_begin = self._begun = ""
        self._touched, self._waiting = False, ()
        if touched and reading:
            self._tx.put_nowait((None, act))  # in its order, before all that comes
        elif touched:
            await self._execute(act)


class Cursor:
    """What SQLAlchemy asks of a driver's cursor."""

    arraysize = 1

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._answer: Answer | None = None

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._answer.description if self._answer else None

    @property
    def rowcount(self) -> int:
        return self._answer.rowcount if self._answer else -1

    @property
    def lastrowid(self) -> int | None:
        return self._answer.lastrowid if self._answer else None

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        self._answer = await self._connection.run(lambda cursor: Answer(cursor.execute(sql, parameters)))
        return self

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        self._answer = await self._connection.run(lambda cursor: Answer(cursor.executemany(sql, parameters)))
        return self

    async def fetchone(self) -> Row | None:
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Row]:
        size = size or self.arraysize
        if (answer := self._answer) is None:
            return []
        if len(answer.rows) < size and answer.more is not None:
            await self._connection.fetch(partial(answer.fetch, max(size, AT_ONCE)))
        given, answer.rows = answer.rows[:size], answer.rows[size:]
        return given

    async def fetchall(self) -> list[Row]:
        if (answer := self._answer) is None:
            return []
        if answer.more is not None:
            await self._connection.fetch(partial(answer.fetch, None))
        given, answer.rows = answer.rows, []
        return given

    async def close(self) -> None:
        if self._answer is not None and self._answer.more is not None:
            await self._connection.fetch(self._answer.close)
