"""What every repository is: questions and changes, in the product's words, over one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import TypedReturnsRows

from storage.engines.one_transaction import OneTransaction
from storage.schema import Base

Row = TypeVar("Row", bound=Base)
Method = TypeVar("Method", bound=Callable[..., Any])
BEYOND = "beyond_its_workspace"


A_BATCH = 1_000
"""Rows that are deleted in one go: so few that nobody waits for it."""
Insert = postgresql.Insert | sqlite.Insert


def table_of(rows: type[Base]) -> sa.Table:
    """For what is asked so often that the ORM would be half its cost."""
    return cast("sa.Table", rows.__table__)


def insert_into(table: type[Base] | sa.Table, on_postgres: bool) -> Insert:
    return postgresql.insert(table) if on_postgres else sqlite.insert(table)


def beyond_its_workspace(method: Method) -> Method:
    """It names a workspace, and needs a row of its organisation too: PostgreSQL lets it see all."""
    setattr(method, BEYOND, True)
    return method


class Repository:
    """Rows are given out as they are and outlive the transaction; changing one changes nothing stored."""

    def __init__(self, transaction: OneTransaction) -> None:
        self._transaction = transaction

    @property
    def _session(self) -> AsyncSession:
        """For all that is not asked again and again."""
        return self._transaction.session

    async def _found(self, kind: type[Row], constant: sa.Executable, asked: Mapping[str, Any]) -> Row | None:
        """The first of what gives whole rows, by the short way."""
        values = await self._transaction.first(constant, asked)
        return made(kind, values) if values else None

    async def _changed_any(self, constant: sa.Executable, asked: Mapping[str, Any]) -> bool:
        """As `_did`, by the short way."""
        return await self._transaction.count(constant, asked) > 0

    async def _add(self, *rows: Base) -> None:
        for row in rows:
            if sa.inspect(row).detached:  # of a try before, see `Database.surely`
                make_transient(row)
        self._session.add_all(rows)
        await self._session.flush()

    async def _rows(self, query: TypedReturnsRows[Row]) -> list[Row]:
        return list(await self._session.scalars(query))

    async def _count(self, change: UpdateBase, values: Mapping[str, Any] | None = None) -> int:
        """How many rows an UPDATE, DELETE or INSERT touched."""
        result = await self._session.execute(change, values)
        return cast("sa.CursorResult[Any]", result).rowcount

    async def _did(self, change: UpdateBase, values: Mapping[str, Any] | None = None) -> bool:
        return await self._count(change, values) > 0

    async def _purged(self, table: type[Base], most: int, *where: sa.ColumnElement[bool]) -> int:
        """Delete so many of these rows at most, and none that somebody is at: neither waits for the other."""
        keys = table_of(table).primary_key.columns
        those = sa.select(*keys).where(*where).limit(most).with_for_update(skip_locked=True)
        if self._on_postgres:  # it may run a plain subquery several times, and so take more than the limit
            those = sa.select(*those.cte("some").columns)
        chosen = next(iter(keys)).in_(those) if len(keys) == 1 else sa.tuple_(*keys).in_(those)
        return await self._count(sa.delete(table).where(chosen))

    def _insert(self, table: type[Base]) -> Insert:
        """An INSERT that has ``on_conflict_do_…``, which both databases know but SQLAlchemy keeps apart."""
        return insert_into(table, self._on_postgres)

    @property
    def _on_postgres(self) -> bool:
        return self._transaction.on_postgres


def given(count: int, *columns: sa.Column[Any]) -> sa.Select[*tuple[Any, ...]]:
    """So many rows, of parameters called ``name_0``, ``name_1`` …, in the order of the first column.

    A statement with these is compiled once; one with VALUES anew each time.
    """
    rows = sa.union_all(
        *(
            sa.select(*(sa.bindparam(f"{each.name}_{number}", type_=each.type).label(each.name) for each in columns))
            for number in range(count)
        )
    ).subquery("given")
    return sa.select(*rows.c).order_by(next(iter(rows.c)))


def numbered(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters of `given` rows."""
    return {f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()}


def by_key(key: sa.ColumnElement[str], count: int, name: str) -> sa.ColumnElement[int]:
    """The number called ``name_N`` that goes with the row whose key is ``key_N``."""
    each = [
        (key == sa.bindparam(f"key_{number}"), sa.bindparam(f"{name}_{number}", type_=sa.BigInteger))
        for number in range(count)
    ]
    return sa.case(*each)


def made(kind: type[Row], values: Sequence[Any]) -> Row:
    """A row of all its table's columns, in their order."""
    return kind.of(zip(_columns(kind), values, strict=True))


@cache
def _columns(kind: type[Base]) -> Sequence[str]:
    return tuple(table_of(kind).c.keys())


def values_of(row: Base) -> dict[str, Any]:
    """What was set on a new row; what was not takes its default when inserted."""
    return {name: row.__dict__[name] for name in _columns(type(row)) if name in row.__dict__}
