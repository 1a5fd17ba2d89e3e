"""How long it took this process to open many sessions, and what it holds for each: one line for whoever started it."""

import gc
import json
import time
from collections.abc import Callable

import psutil

from benchmarks.parts.cost import Cost


class Held:
    """``begin`` once all has been imported and one session was opened, so that only what is added counts."""

    def __init__(self, cost: Callable[[], Cost]) -> None:
        self._cost = cost

    def begin(self) -> None:
        gc.collect()
        self._resident = _resident()
        self._before = self._cost()
        self._begun = time.perf_counter()

    def opened(self, count: int) -> dict[str, float]:
        """Seconds for all, and for each what it took and its resident kilobytes (10³ bytes)."""
        seconds, cost = time.perf_counter() - self._begun, self._cost() - self._before
        return {"seconds": seconds, **cost.each("each", count), "kb_each": self.kilobytes(count)}

    def kilobytes(self, count: int) -> float:
        """Resident, by which it has grown for each."""
        gc.collect()
        return (_resident() - self._resident) / count / 1000


def report(told: dict[str, float]) -> None:
    print(json.dumps(told), flush=True)


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)
