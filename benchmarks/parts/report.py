"""What a benchmark gives: one line of JSON, however it went."""

import argparse
import asyncio
import json
import os
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Measured:
    """``bars`` are the most that the figures of the same names may be; ``baseline`` is what `ratio` divides by."""

    figures: Numbers
    baseline: Numbers
    ratio: Numbers
    bars: Numbers

    def line(self, name: str, *, quick: bool) -> str:
        held = {bar: self.figures[bar] <= most for bar, most in self.bars.items()}
        told = {
            "benchmark": name,
            "quick": quick,
            "figures": _rounded(self.figures),
            "baseline": _rounded(self.baseline),
            "ratio": _rounded(self.ratio),
            "bar": dict(self.bars),
            "held": held,
            "all_held": all(held.values()),
            "machine": {
                "cores": os.cpu_count(),
                "python": platform.python_version(),
                "load": round(os.getloadavg()[0], 1),
            },
        }
        return json.dumps(told)


def main(name: str, about: str | None, measure: Callable[[bool], Awaitable[Measured]]) -> None:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    parser.add_argument("--quick", action="store_true", help="a few rounds only: does it run, not what it costs")
    os.environ["NO_PROXY"] = "127.0.0.1"
    quick: bool = parser.parse_args().quick
    print(asyncio.run(_measured(measure, quick)).line(name, quick=quick))


async def _measured(measure: Callable[[bool], Awaitable[Measured]], quick: bool) -> Measured:
    return await measure(quick)


def at(share: float, times: Sequence[float]) -> float:
    """The value that so many of all are not above: 0.5 the median, 0.99 the one of a hundred."""
    ranked = sorted(times)
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


def spread(name: str, seconds: Sequence[float], *shares: int) -> dict[str, float]:
    """In milliseconds: ``{"name_p50_ms": …}`` for each percentile asked for."""
    return {f"{name}_p{share}_ms": at(share / 100, seconds) * 1000 for share in shares or (50, 95)}


def _rounded(numbers: Numbers) -> dict[str, float]:
    return {name: round(value, 3 if abs(value) < 100 else 1) for name, value in numbers.items()}
