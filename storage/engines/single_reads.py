"""Questions of one statement, where the way to the database may cost no more than the answer.

One statement sees one moment by itself, so it needs no transaction; what is read are plain values, so it needs no ORM.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engines.begun import taken
from storage.engines.engine import is_away
from storage.engines.sqlite_answers import Row
from storage.engines.walls import ENTER, is_walled


@contextmanager
def ends_anyhow() -> Iterator[Callable[[], None]]:
    """Call what it gives once all was read: how the transaction of a reader ends is then nothing to anybody."""
    read: list[bool] = []
    try:
        yield lambda: read.append(True)
    except Exception as error:
        if not read or not is_away(error):
            raise


class SingleReads:
    def __init__(self, engine: AsyncEngine) -> None:
        self._on_sqlite = engine.dialect.name == "sqlite"
        self._in_transactions = engine
        # PostgreSQL then needs one round trip instead of three.
        self._engine = engine if self._on_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._texts: dict[sa.Select[*tuple[Any, ...]], tuple[str, list[str]]] = {}

    async def first(self, question: sa.Select[*tuple[Any, ...]], asked: Mapping[str, Any]) -> Row | None:
        """The first row, as the driver gives it: ask for texts and numbers. ``question`` is a constant.

        ``asked`` has the workspace that it is about.
        """
        if self._on_sqlite:
            return await self._from_sqlite(question, asked)
        async with self._engine.connect() as connection:
            if not await is_walled(connection):
                return _values((await connection.execute(question, asked)).first())
        found: Row | None = None
        # What is said before a question holds for a transaction.
        with ends_anyhow() as looked:
            async with self._in_transactions.begin() as connection:
                await connection.execute(ENTER, {"workspace": asked["workspace"]})
                found = _values((await connection.execute(question, asked)).first())
                looked()
        return found

    async def _from_sqlite(self, question: sa.Select[*tuple[Any, ...]], asked: Mapping[str, Any]) -> Row | None:
        text, names = self._text(question)
        held, pool = await taken(self._engine)
        try:
            driver: Any = held.connection.driver_connection
            found: Row | None = await driver.ask(text, [asked[name] for name in names])
        except sqlite3.Error as error:
            raise DBAPIError.instance(text, None, error, sqlite3.Error, hide_parameters=True) from error
        finally:
            pool.give_back(held)
        return found

    def _text(self, question: sa.Select[*tuple[Any, ...]]) -> tuple[str, list[str]]:
        """For SQLite, and the names of what is asked in their order."""
        if question not in self._texts:
            compiled = question.compile(dialect=self._engine.dialect)
            self._texts[question] = str(compiled), list(compiled.positiontup or ())
        return self._texts[question]


def _values(found: sa.Row[Any] | None) -> Row | None:
    return None if found is None else tuple(found)
