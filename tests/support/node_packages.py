"""Node packages that tests run: installed once by their lock, into a folder that later runs find again."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.requirements import require

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "usher-tests"
FILES = ("package.json", "package-lock.json")
WITHIN = 300


def installed(folder: Path) -> Path:
    """``node_modules`` of the packages that ``folder`` locks; without npm, or a way to them, the test is skipped."""
    locked = b"".join((folder / name).read_bytes() for name in FILES)
    home = CACHE / f"{folder.name}-{hashlib.sha256(locked).hexdigest()[:16]}"
    with _alone(home):
        if not (home / "complete").exists():
            _install(folder, home)
    return home / "node_modules"


def _install(folder: Path, home: Path) -> None:
    npm = shutil.which("npm")
    require(npm is not None, "npm is not installed")
    for name in FILES:
        shutil.copy(folder / name, home / name)
    # No script of a package's is run: what is needed of them is in their files.
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=WITHIN, check=False)
    require(done.returncode == 0, f"npm could not install {folder.name}: {done.stderr[-500:]}")
    (home / "complete").touch()


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Two workers of a run may want the same at once."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
