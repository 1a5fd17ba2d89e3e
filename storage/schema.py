"""What every table shares: ids, times that keep their zone, JSON, and names both databases agree on."""

import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, mapped_column

from storage.clock import microseconds
from storage.clock import now as now

# Constraints need names that both databases agree on, or migrations cannot find them again.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


ZONE = len("+00:00")


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware time; SQLite drops the zone, so all are stored in UTC and told so again when read."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
        # Several in each row: by themselves, since SQLAlchemy's way is made of four calls.
        return _as_sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _of_sqlite_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _told_so(value)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC)


def _told_so(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _as_sqlite_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it, without the zone."""
    if value is None:
        return None
    return (value if value.tzinfo is UTC else _in_utc(value)).isoformat(" ", "microseconds")[:-ZONE]


def _of_sqlite_text(text: str | None) -> datetime | None:
    return None if text is None else _told_so(datetime.fromisoformat(text))


class JsonText(sa.types.TypeDecorator[str]):
    """JSON as its text: whoever reads a thousand rows of a stranger's need not read all that stands in them."""

    impl = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> None:
        return None

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> None:
        return None

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        return sa.cast(column, sa.Text)  # the driver would read it, for PostgreSQL


Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

Id = sa.String(36)
SlackId = sa.String(64)


class Base(DeclarativeBase):
    """Rows are plain values that outlive the session that loaded them: none has a relationship."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012

    @classmethod
    def of(cls, values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Self:
        """A row as it was read, made as the ORM makes what it loads: in a thirtieth of its constructor's time, which
        tells of each value as of a change. A member may have ten thousand tools.
        """
        row = _new_instance(cls)()
        row.__dict__.update(values)
        return cast("Self", row)


@cache
def _new_instance(kind: type[Base]) -> Callable[[], Any]:
    maker: Callable[[], Any] = sa.inspect(kind).class_manager.new_instance
    return maker


def new_id() -> str:
    """A UUIDv7 (RFC 9562): its first 48 bits are milliseconds, so that ids sort by age."""
    stamp = microseconds() // 1_000
    number = (stamp << 80) | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | (0x7 << 76)
    number = number & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=number))


def id_column() -> Any:
    return mapped_column(Id, primary_key=True, default=new_id)


def workspace_column() -> Any:
    return mapped_column(SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)


def index_where(name: str, *columns: str, only: str, on_sqlite: str = "", unique: bool = False) -> sa.Index:
    """An index over the few rows that meet the condition ``only``, in SQL, where SQLite wants it told otherwise."""
    where = sa.text(on_sqlite or only)
    return sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=sa.text(only))
