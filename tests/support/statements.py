"""What a process asks its database: counted, but for what it asks whatever anybody says."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from storage.database import Database

BY_THE_CLOCK = (
    "WITH due AS",
    "SELECT (EXISTS (SELECT turns.id",
    "UPDATE turns SET lease_until=",
    "UPDATE jobs SET lease_until=",
)
"""Looks for work, after a turn and every few seconds; and that what is worked on is still ours, on a busy machine."""


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """All that is asked of it meanwhile."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *more: object) -> None:
        asked.append(statement)

    sa.event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine.sync_engine, "before_cursor_execute", note)
