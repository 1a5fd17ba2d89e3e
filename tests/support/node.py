"""Programs by others that run on Node: pinned in ``tests/node``, installed by ``make test``."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.support.requirements import require

HERE = Path(__file__).parents[1] / "node"
INSTALLED = HERE / "node_modules"
LEAST = 22


def node_binary() -> Path:
    """One of version 22 or later: the machine's own, or the one that npm brings; skips where there is none."""
    found = next((each for each in _candidates() if _version(each) >= LEAST), None)
    require(found is not None, f"needs Node {LEAST} or later: npm ci in tests/node brings one for Linux")
    assert found
    return found


def installed(package: str) -> Path:
    """The folder of a package; skips where it is not installed."""
    folder = INSTALLED / package
    require(folder.is_dir(), f"needs {package}: run npm ci in tests/node")
    return folder


def _candidates() -> list[Path]:
    machine = shutil.which("node")
    brought = sorted(INSTALLED.glob("node-linux-*/bin/node"))
    return [*([Path(machine).resolve()] if machine else []), *brought]


@cache
def _version(binary: Path) -> int:
    told = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    major = told.removeprefix("v").partition(".")[0]
    return int(major) if major.isdecimal() else 0
