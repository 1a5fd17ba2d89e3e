"""Run by Alembic with the connection that `storage.migrate` opened."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from storage import tables  # noqa: F401  all tables have to be known
from storage.schema import Base, UtcTime

ONE_AT_A_TIME = 7243392  # any number that no other use of advisory locks has


def as_plain_type(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Revisions must not import our types, which change while revisions stay."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


def is_ours(name: str | None, kind: str, *_: Any) -> bool:
    """The search index belongs to no model: comparing would want to drop it, and what the database keeps beside it."""
    return not (name or "").startswith("search_")


def has_our_name(item: Any, name: str | None, kind: str, *_: Any) -> bool:
    return is_ours(name, kind)


connection: sa.Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=as_plain_type,
    include_name=is_ours,
    include_object=has_our_name,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        # Two that create the same table at the same time fail, even with IF NOT EXISTS. SQLite waits by itself.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    context.run_migrations()
