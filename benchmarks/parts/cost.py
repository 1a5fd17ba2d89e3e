"""What a process has taken so far, and what of it each of so many turns or calls took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts.counted import counting, statements
from benchmarks.processes import cpu_seconds


@dataclass(frozen=True)
class Cost:
    """CPU in seconds, and statements: none of those that a process asks by the clock."""

    cpu: float
    statements: int

    @classmethod
    def so_far(cls, pid: int | None, file: Path | None) -> "Cost":
        return cls(cpu_seconds(pid), statements(file) if file else 0)

    def __sub__(self, before: "Cost") -> "Cost":
        return Cost(self.cpu - before.cpu, self.statements - before.statements)

    def __add__(self, more: "Cost") -> "Cost":
        return Cost(self.cpu + more.cpu, self.statements + more.statements)

    def each(self, name: str, turns: int) -> dict[str, float]:
        return {f"{name}_cpu_ms": self.cpu / turns * 1000, f"{name}_statements": self.statements / turns}


NOTHING = Cost(0.0, 0)


def process() -> Cost:
    """This one, which asks no database."""
    return Cost(time.process_time(), 0)


@contextmanager
def here() -> Iterator[Callable[[], Cost]]:
    """Of this very process, from then on."""
    with counting() as asked:
        yield lambda: Cost(time.process_time(), asked())
