"""SQLite's connections between two transactions: at hand as they are.

The pool's way with each, there and back, costs more than most of what is asked.
"""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry


class KeptPool(AsyncAdaptedQueuePool):
    """They count as lying in the pool, and go there as soon as anybody else wants one."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: defaultdict[sa.Engine, list[sa.Connection]] = defaultdict(list)
        """By the engine with whose options each was opened; the last first: what it has read is at hand still."""
        self._wanted = 0

    def take(self, engine: sa.Engine) -> sa.Connection | None:
        """One that nobody uses, if any is kept for this engine."""
        return kept.pop() if (kept := self._kept[engine]) else None

    def give_back(self, connection: sa.Connection) -> None:
        """In no transaction, and whole."""
        if self._wanted:
            connection.close()
        else:
            self._kept[connection.engine].append(connection)

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
