"""A program run as it is, but that its statements are counted where others can look: in the first bytes of a file."""

import mmap
import runpy
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storage.engines.sqlite_connection import SqliteConnection
from tests.support.statements import BY_THE_CLOCK

MODULE = "benchmarks.parts.counted"
COUNT = struct.Struct("<Q")


def counted(file: Path, *command: str) -> tuple[str, ...]:
    """What is run instead of the command."""
    file.write_bytes(COUNT.pack(0))
    return MODULE, str(file), *command


def statements(file: Path) -> int:
    return int(COUNT.unpack(file.read_bytes())[0])


@contextmanager
def counting(told: Callable[[int], None] = lambda _: None) -> Iterator[Callable[[], int]]:
    """How many this process has asked since then; ``told`` at each."""
    count, ask = 0, SqliteConnection.ask

    def note(statement: str) -> None:
        nonlocal count
        if not statement.startswith(BY_THE_CLOCK):
            count += 1
            told(count)

    def of_engine(_: Any, __: Any, statement: str, *more: Any) -> None:
        note(statement)

    def by_itself(connection: SqliteConnection, statement: str, *more: Any) -> Any:
        note(statement)
        return ask(connection, statement, *more)

    sa.event.listen(sa.Engine, "before_cursor_execute", of_engine)
    SqliteConnection.ask = by_itself  # type: ignore[method-assign]
    try:
        yield lambda: count
    finally:
        SqliteConnection.ask = ask  # type: ignore[method-assign]
        sa.event.remove(sa.Engine, "before_cursor_execute", of_engine)


def main(file: Path, module: str) -> None:
    with file.open("r+b") as opened:
        shared = mmap.mmap(opened.fileno(), COUNT.size)
    del sys.argv[:2]
    with counting(lambda count: COUNT.pack_into(shared, 0, count)):
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
