"""Start to ready, with a new database and with one that is there, and memory at rest; beside the imports alone."""

import asyncio
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.parts.house import Street, house, street
from benchmarks.parts.report import Measured, main
from benchmarks.processes import folder, plain_environment, weight

IMPORTS = "import aiohttp, slack_bolt.async_app, sqlalchemy.ext.asyncio, mcp, google.genai"
STAY = f"{IMPORTS}; print(flush=True); input()"
MB = 1_000_000


async def measure(quick: bool) -> Measured:
    rounds, rest = (1, 0.5) if quick else (3, 4.0)
    new, again, weights, bare, stops = [], [], [], [], []
    for _ in range(rounds):
        bare.append(await _imports())
        with folder() as where:
            async with street(where) as beside:
                seconds, weighed, stop = await _start(where, beside, rest)
                new.append(seconds)
                weights.append(weighed)
                stops.append(stop)
                seconds, _, _ = await _start(where, beside, 0)
                again.append(seconds)
    figures = {
        "start_s": median(new),
        "start_with_its_database_s": median(again),
        "stop_s": median(stops),
        "idle_rss_mb": median(rss for rss, _ in weights),
        "idle_pss_mb": median(pss for _, pss in weights),
    }
    baseline = {"imports_s": median(s for s, _, _ in bare), "imports_rss_mb": median(rss for _, rss, _ in bare)}
    figures["idle_times_imports"] = figures["idle_rss_mb"] / baseline["imports_rss_mb"]
    ratio = {"start": figures["start_s"] / baseline["imports_s"], "idle_rss": figures["idle_times_imports"]}
    return Measured(figures, baseline, ratio, {"start_s": 2.5, "stop_s": 2.0, "idle_times_imports": 1.15})


async def _start(where: Path, beside: Street, rest: float) -> tuple[float, tuple[float, float], float]:
    """Seconds from the start of the process, its weight after a rest, and seconds from SIGTERM to its end."""
    begun = time.perf_counter()
    async with house(where, beside, as_it_is=True) as started:
        seconds = time.perf_counter() - begun
        await asyncio.sleep(rest)
        rss, pss = weight(started.child.pid)
        begun = time.perf_counter()
        await started.child.stop()
        return seconds, (rss / MB, pss / MB), time.perf_counter() - begun


async def _imports() -> tuple[float, float, float]:
    """A bare interpreter that imports the same libraries: seconds, resident and shared-out megabytes."""
    begun = time.perf_counter()
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STAY, stdin=pipe, stdout=pipe, env=plain_environment()
    )
    assert child.stdout
    await child.stdout.readline()
    seconds = time.perf_counter() - begun
    rss, pss = weight(child.pid)
    await child.communicate(b"\n")
    return seconds, rss / MB, pss / MB


if __name__ == "__main__":
    main("start", __doc__, measure)
