"""A program run as it is, but that its statements are counted where others can look: in the first bytes of a file."""

import mmap
import runpy
import struct
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.support.statements import BY_THE_CLOCK

MODULE = "benchmarks.parts.counted"
COUNT = struct.Struct("<Q")


def counted(file: Path, *command: str) -> tuple[str, ...]:
    """What is run instead of the command."""
    file.write_bytes(COUNT.pack(0))
    return MODULE, str(file), *command


def statements(file: Path) -> int:
    return int(COUNT.unpack(file.read_bytes())[0])


def main(file: Path, module: str) -> None:
    with file.open("r+b") as opened:
        shared = mmap.mmap(opened.fileno(), COUNT.size)
    count = 0

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *more: Any) -> None:
        nonlocal count
        if not statement.startswith(BY_THE_CLOCK):
            count += 1
            shared[:] = COUNT.pack(count)

    del sys.argv[:2]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
