"""The pips that people have, from the oldest that is promised: fetched once by hash, kept inside ``.venv``."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.install.clones import UV
from tests.support.requirements import require

LOCK = Path(__file__).with_name("pips.lock")
KEPT = Path(sys.prefix) / "pips"
PINS = {entry.split(" ", 1)[0]: "pip==" + entry for entry in LOCK.read_text().split("pip==") if entry}
OLDEST, WITH_PYTHON_311, NEWEST = PINS
# From this one on pip holds a pin for a package with extras too.
MENDED = (23, 3)
# As it was before a test set its own index.
VARIABLES = {**os.environ}


def folder_of(version: str) -> Path:
    """A folder for the module path that holds this pip; a test that cannot have it is skipped, or fails."""
    place = KEPT / version
    if not place.exists():
        place.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as beside:
            fetched = _fetch(version, Path(beside))
            require(fetched.returncode == 0, f"pip {version} cannot be fetched: {fetched.stdout.strip()[-300:]}")
            try:
                (Path(beside) / "pip").rename(place)
            except OSError:
                # Another worker of this run was first.
                assert place.exists()
    return place


def _fetch(version: str, beside: Path) -> subprocess.CompletedProcess[str]:
    """The tests' uv asks the package index that pip is set up for."""
    (beside / "lock").write_text(PINS[version])
    index = {"UV_INDEX_URL": url} if (url := VARIABLES.get("PIP_INDEX_URL")) else {}
    command = [str(UV), "pip", "install", "--quiet"]
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--link-mode", "copy"]
    where = ["--python", sys.executable, "--target", str(beside / "pip"), "-r", str(beside / "lock")]
    return subprocess.run(
        [*command, *options, *where],
        env={**VARIABLES, **index},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
