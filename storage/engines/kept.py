"""SQLite's connections between two transactions: at hand as they are.

The pool's way with each, there and back, costs more than most of what is asked.
"""

import asyncio
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from storage.engines.sqlite_connection import SqliteConnection


class KeptPool(AsyncAdaptedQueuePool):
    """They count as lying in the pool, and go there as soon as anybody else wants one."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: defaultdict[sa.Engine, list[sa.Connection]] = defaultdict(list)
        """By the engine with whose options each was opened; the last first: what it has read is at hand still."""
        self._wanted = 0
        self._later: set[asyncio.Task[None]] = set()

    def take(self, engine: sa.Engine) -> sa.Connection | None:
        """One that nobody uses, if any is kept for this engine."""
        return kept.pop() if (kept := self._kept[engine]) else None

    def give_back(self, held: sa.Connection) -> None:
        """Whatever became of it. The next gets what came last, so nothing whose thread is not done yet."""
        if held.closed or held.invalidated or held.in_transaction():
            held.close()
            return
        driver: Any = held.connection.driver_connection
        if driver.is_closed:
            held.invalidate()  # or all who come would get it
            held.close()
        elif driver.was_left:
            self._later.add(task := asyncio.create_task(_given_back_once_free(driver, held)))
            task.add_done_callback(self._later.discard)
        elif self._wanted:
            held.close()
        else:
            self._kept[held.engine].append(held)

    def checkedin(self) -> int:
        return super().checkedin() + self._count()

    def checkedout(self) -> int:
        return super().checkedout() - self._count()

    def dispose(self) -> None:
        self._wanted += 1  # for good: what is given back now is kept by nobody
        while self._count():
            self._put_one_back()
        super().dispose()

    def _do_get(self) -> ConnectionPoolEntry:
        if not super().checkedin() and self._count():
            self._put_one_back()
        self._wanted += 1
        try:
            return super()._do_get()
        finally:
            self._wanted -= 1

    def _put_one_back(self) -> None:
        next(each for each in self._kept.values() if each).pop().close()

    def _count(self) -> int:
        return sum(map(len, self._kept.values()))


async def _given_back_once_free(driver: SqliteConnection, held: sa.Connection) -> None:
    try:
        await driver.catch_up()
    finally:
        held.close()
