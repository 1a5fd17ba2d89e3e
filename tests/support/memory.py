"""How much memory this process took at most while something went on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KIB = 1 << 10
RESET_PEAK = "5"
"""See proc_pid_clear_refs(5)."""


@dataclass
class Growth:
    """``most``: bytes beyond what was held before."""

    most: int = 0


@contextmanager
def grown() -> Iterator[Growth]:
    found = Growth()
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    before = _held("VmRSS")
    try:
        yield found
    finally:
        found.most = _held("VmHWM") - before


def _held(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * KIB for line in lines if line.startswith(f"{name}:"))
