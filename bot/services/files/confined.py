"""Reads what a stranger sent in a process of its own that has nothing to lose.

Run as a file, with the kind and how much of it is taken as its arguments, the content as its input. Its first line of
output is JSON: what it made, or why not; the new content follows. Neither it nor its readers import anything of the
product: a decoder that is broken into finds no secrets in memory, no variables, no open files, and little time.
"""

import importlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

MEMORY, SECONDS = 1 << 30, 15
READERS = {"picture": "files.anew", "pdf": "files.anew", "office": "files.office.reading"}
"""By kind, the module of this folder whose function of that name reads it."""


def main(kind: str, most: int) -> None:
    _confine()
    sys.path.append(str(Path(__file__).parents[1]))  # this folder alone is a package here, and knows no other of ours
    content = sys.stdin.buffer.read()
    try:
        told, made = getattr(importlib.import_module(READERS[kind]), kind)(content, most)
    except Exception as error:  # whatever a decoder stumbles over: it is no such file
        told, made = getattr(error, "told", {"refused": "file_broken", "values": {}}), b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made)
    sys.stdout.buffer.flush()


def _confine() -> None:
    """As far as the system knows such limits; macOS does not know that of memory. All else goes before it."""
    import resource

    os.nice(10)
    for name, most in (
        ("RLIMIT_CPU", SECONDS),
        ("RLIMIT_AS", MEMORY),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", 64),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
