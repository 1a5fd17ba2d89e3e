"""Each benchmark runs and gives one line that can be read; how fast it was is nobody's business here."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEYS = ("figures", "baseline", "ratio", "bar", "held")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name",
    [
        *("start", "turn", "tool_call", "sessions", "spawn", "sse", "streaming.mirror", "doors", "attack"),
        *("looking.lookups", "looking.memory", "looking.flow", "looking.requests"),
    ],
)
def test_a_benchmark_prints_one_line_with_its_figures_and_its_baseline(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--quick"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    (line,) = ran.stdout.splitlines()
    told = json.loads(line)
    assert told["benchmark"] == name and told["quick"] is True
    for key in KEYS:
        assert told[key], f"no {key}"
    for key in ("figures", "baseline", "ratio"):
        assert all(math.isfinite(value) for value in told[key].values()), key
    assert all(value > 0 for value in told["baseline"].values())
    assert told["bar"].keys() == told["held"].keys() <= told["figures"].keys()
