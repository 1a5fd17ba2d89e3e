"""Each benchmark runs and gives one line that can be read; how fast it was is nobody's business here."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEYS = ("figures", "baseline", "ratio", "bar", "held")
TOGETHER = {
    "members": (
        "looking.lookups",
        "looking.grants",
        "looking.memory",
        "looking.flow",
        "looking.requests",
        "looking.audit",
        "looking.home",
        "looking.workspaces",
        "looking.keeping",
        "looking.backlog",
        "looking.walls",
        "tool_call",
        "sessions",
        "mcp_members.spawn",
    ),
    "guests": ("doors", "sse", "looking.crowd", "streaming.side_by_side"),
    "all": ("start", "attack", "turn", "streaming.mirror"),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("names", TOGETHER.values(), ids=TOGETHER)
def test_a_benchmark_prints_one_line_with_its_figures_and_its_baseline(names: tuple[str, ...]) -> None:
    # Each is forked, with all that it starts: to import the product took longer than to measure it.
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    for name in names:
        command = [sys.executable, "-m", f"benchmarks.{name}", "--quick"]
        ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        (line,) = ran.stdout.splitlines()
        _holds(name, json.loads(line))


def _holds(name: str, told: dict[str, dict[str, float]]) -> None:
    assert told["benchmark"] == name and told["quick"] is True
    for key in KEYS:
        assert told[key], f"{name}: no {key}"
    for key in ("figures", "baseline", "ratio"):
        assert all(math.isfinite(value) for value in told[key].values()), f"{name}: {key}"
    assert all(value > 0 for value in told["baseline"].values()), name
    assert told["bar"].keys() == told["held"].keys() <= told["figures"].keys(), name
