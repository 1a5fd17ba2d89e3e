"""What is asked again and again is compiled once, and given to SQLite's driver as it is.

SQLAlchemy looks a statement up, names its parameters, and makes a result and rows of the answer, each time anew, which
is several times the work that SQLite has with it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeEngine

from storage.engines.sqlite_answers import Answer
from storage.engines.sqlite_connection import SqliteConnection

Row = tuple[Any, ...]
Process = Callable[[Any], Any] | None


class Prepared:
    """One statement with parameters of these names, for one kind of database; ``text`` is its SQL."""

    def __init__(self, statement: sa.Executable, names: Sequence[str], dialect: sa.Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))  # type: ignore[attr-defined]
        if compiled.update_prefetch or compiled.post_compile_params or compiled.literal_execute_params:
            raise TypeError("a statement that is prepared knows how long each list in it is, and what it changes")
        self.text = str(compiled)
        given = [(name, compiled.binds[name]) for name in compiled.positiontup or ()]
        self._in_order = _getter([name for name, _ in given])
        self._wanted = _needed(_binds(each.type, dialect) for _, each in given)
        self._usual = {name: each.value for name, each in given if not each.required}
        self._defaults = [(each.key, each.default) for each in compiled.insert_prefetch]
        self._columns = _needed(_reads(each, dialect) for each in _types(statement))

    def parameters(self, asked: Mapping[str, Any]) -> Row:
        """In the order in which SQLite wants them; what stands in the statement itself has its value there."""
        given = {**self._usual, **asked} if self._usual else asked
        if self._defaults:
            given = {**given, **{name: _default(each) for name, each in self._defaults}}
        return _processed(self._in_order(given), self._wanted)

    def rows(self, answer: Answer) -> list[Row]:
        """As Python's values."""
        if not self._columns:
            return answer.rows
        return [_processed(row, self._columns) for row in answer.rows]


class PreparedStatements:
    """Of one engine; statements are constants, so there are as many as the code has."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect
        self._known: dict[tuple[sa.Executable, tuple[str, ...]], Prepared] = {}

    def of(self, statement: sa.Executable, asked: Mapping[str, Any]) -> Prepared:
        key = statement, tuple(asked)
        if (found := self._known.get(key)) is None:
            found = self._known[key] = Prepared(statement, key[1], self._dialect)
        return found


async def asked(driver: SqliteConnection, text: str, parameters: Any) -> Answer:
    """With all rows of the answer; raises what SQLAlchemy does."""
    try:
        return await driver.run(lambda cursor: Answer(cursor.execute(text, parameters)).fetch(None))
    except sqlite3.Error as error:
        raise DBAPIError.instance(text, None, error, sqlite3.Error, hide_parameters=True) from error


def _getter(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Row]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple(given[name] for name in names)


def _needed(processes: Iterable[Process]) -> list[tuple[int, Callable[[Any], Any]]]:
    """Most values are told as they are."""
    return [(place, process) for place, process in enumerate(processes) if process is not None]


def _processed(values: Row, by: Sequence[tuple[int, Callable[[Any], Any]]]) -> Row:
    if not by:
        return values
    made = list(values)
    for place, process in by:
        made[place] = process(made[place])
    return tuple(made)


def _default(of: Any) -> Any:
    return of.arg if of.is_scalar else of.arg(None)


def _types(statement: sa.Executable) -> list[TypeEngine[Any]]:
    if isinstance(statement, Select | UpdateBase):
        return [each.type for each in statement.exported_columns]
    raise TypeError("only a SELECT, INSERT, UPDATE or DELETE is prepared")


def _binds(kind: TypeEngine[Any], dialect: sa.Dialect) -> Process:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reads(kind: TypeEngine[Any], dialect: sa.Dialect) -> Process:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
