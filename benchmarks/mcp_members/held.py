"""How long it took this process to open many sessions, and what it holds for each: one line for whoever started it."""

import gc
import json
import time

import psutil


class Held:
    """``begin`` once all has been imported and one session was opened, so that only what is added counts."""

    def begin(self) -> None:
        gc.collect()
        self._resident = _resident()
        self._begun = time.perf_counter()

    def opened(self, count: int) -> dict[str, float]:
        """Seconds for all, and resident kilobytes (10³ bytes) for each."""
        seconds = time.perf_counter() - self._begun
        return {"seconds": seconds, "kb_each": self.kilobytes(count)}

    def kilobytes(self, count: int) -> float:
        """Resident, by which it has grown for each."""
        gc.collect()
        return (_resident() - self._resident) / count / 1000


def report(told: dict[str, float]) -> None:
    print(json.dumps(told), flush=True)


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)
