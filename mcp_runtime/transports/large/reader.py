"""The process in which large messages are read: it takes them from its input, and gives back what `shrink.py` makes.

A request is a line of JSON (bytes that follow, methods by id) and a message. An answer is a line of three numbers
(bytes that follow, or -1; nanoseconds of work; bytes of memory that it took) and a message.
"""

import ctypes
import importlib
import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path

MEMORY = 1 << 30
"""Bytes of address space; 8 MiB of JSON may become a few hundred."""


def _confine() -> None:
    """As far as the system knows such limits."""
    for name, most in (("RLIMIT_AS", MEMORY), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 16)):
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, 9)  # it ends with who began it, also where that was killed


def _peak() -> int:
    """Bytes of memory that it has held at most since `_forget_peak`; 0 where the system does not say."""
    with suppress(OSError, ValueError, StopIteration):
        status = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmHWM:")).split()[1]) << 10
    return 0


def _forget_peak() -> None:
    """So that each message answers for its own."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def main(mark: str) -> None:
    sys.path.append(str(Path(__file__).parent))  # isolated as it is, it finds no module beside it
    shrink = importlib.import_module("shrink")
    _confine()
    given, told, empty = sys.stdin.buffer, sys.stdout.buffer, _peak()
    while line := given.readline():
        _forget_peak()
        begun, head = time.process_time_ns(), json.loads(line)
        try:
            answer = shrink.shrunk(given.read(head["size"]), head["methods"], mark)
        except (MemoryError, RecursionError):
            answer = None
        size, worked = -1 if answer is None else len(answer), time.process_time_ns() - begun
        told.write(b"%d %d %d\n" % (size, worked, max(0, _peak() - empty)) + (answer or b""))
        told.flush()


if __name__ == "__main__":
    main(sys.argv[1])
