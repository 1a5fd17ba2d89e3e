"""What is done in the thread of SQLite's connection, and what comes of it."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

AT_ONCE = 500
"""Rows that come with the statement; those of a longer answer are fetched as they are wanted."""

Row = tuple[Any, ...]


class Answer:
    """``more`` is the cursor while it may have further rows."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description, self.lastrowid = cursor.description, cursor.lastrowid
        self.rows: list[Row] = []
        self.more: sqlite3.Cursor | None = cursor
        self.fetch(AT_ONCE)

    def fetch(self, most: int | None) -> "Answer":
        """So many of the rows, or all that are left, besides those that are there. In the thread."""
        if self.more is not None:
            fresh = self.more.fetchall() if most is None else self.more.fetchmany(most)
            self.rows += fresh
            self.rowcount = self.more.rowcount  # of a change that returns rows it is known with the last
            if most is None or len(fresh) < most:
                self.close()
        return self

    def close(self) -> "Answer":
        if self.more is not None:
            self.more.close()
            self.more = None
        return self


Statement = Callable[[sqlite3.Cursor], Answer]


def run(connection: sqlite3.Connection, begin: str, statements: Sequence[Statement]) -> Answer:
    if begin:
        connection.execute(begin)
    *before, last = statements
    for each in before:
        each(connection.cursor()).close()
    return last(connection.cursor())


def committed(connection: sqlite3.Connection, begin: str, statements: Sequence[Statement]) -> None:
    """All of it or nothing: nobody else rolls back what a commit was to end, and some errors leave that to us."""
    try:
        if statements:
            run(connection, begin, statements).close()
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
