"""What every repository is: questions and changes, in the product's words, over one transaction."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import TypedReturnsRows

from storage.schema import Base

Row = TypeVar("Row", bound=Base)


class Repository:
    """Rows are given out as they are and outlive the transaction; changing one changes nothing stored."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def _add(self, *rows: Base) -> None:
        self._session.add_all(rows)
        await self._session.flush()

    async def _rows(self, query: TypedReturnsRows[Row]) -> list[Row]:
        return list(await self._session.scalars(query))

    async def _count(self, change: UpdateBase) -> int:
        """How many rows an UPDATE, DELETE or INSERT touched."""
        result = await self._session.execute(change)
        return cast("sa.CursorResult[Any]", result).rowcount

    async def _did(self, change: UpdateBase) -> bool:
        return await self._count(change) > 0

    def _insert(self, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that has ``on_conflict_do_…``, which both databases know but SQLAlchemy keeps apart."""
        return postgresql.insert(table) if self._on_postgres else sqlite.insert(table)

    @property
    def _on_postgres(self) -> bool:
        return self._session.get_bind().dialect.name == "postgresql"


def values_of(row: Base) -> dict[str, Any]:
    """What was set on a new row; what was not takes its default when inserted."""
    return {name: row.__dict__[name] for name in _names(type(row)) if name in row.__dict__}


def _names(table: type[Base]) -> Sequence[str]:
    return [each.key for each in sa.inspect(table).column_attrs]
