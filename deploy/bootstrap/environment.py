"""The virtual environment: what is in it, how it is made, and what installs into it on this machine."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bootstrap.running import run, surroundings
from bootstrap.troubles import Trouble

# What the lock says is all there is: nothing is resolved, nothing built, each file is the one that was locked.
AS_LOCKED = ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
# The product itself, by the build back end that the lock has brought.
PRODUCT = ["--no-deps", "--no-build-isolation", "--editable", "."]
PIP = ["pip", "--no-input", "--disable-pip-version-check"]
# Why an index gave no answer is told by pip to those alone who ask twice for more; always to ask costs eight seconds.
MORE = ("-vv",)
COMPLETENESS = Path(__file__).with_name("completeness.py")
NO_PIP = (
    "This Python ({python}) comes without pip. On Debian, Ubuntu and WSL: sudo apt install python{version}-venv; "
    "elsewhere install uv, and the same command uses that."
)


@dataclass(frozen=True)
class Found:
    """An environment that starts: its Python, and what it lacks of what is needed."""

    python: str
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class Installer:
    """The command that installs into an environment; uv reads other variables than pip, so these are handed over."""

    command: tuple[str, ...]
    more: tuple[str, ...] = ()

    def locked(self, lock: Path, root: Path) -> None:
        run([*self.command, *AS_LOCKED, "--requirement", str(lock)], root, lock.name, more=self.more)

    def product(self, root: Path) -> None:
        run([*self.command, *PRODUCT], root, "requirements.lock", cwd=root)


def python_in(place: Path) -> Path:
    return place / "bin" / "python"


def look_into(place: Path, needed: str = "usher") -> Found | None:
    """None when it does not start, as after its Python has gone."""
    try:
        done = subprocess.run([python_in(place), "-I", COMPLETENESS, needed], capture_output=True, text=True)
    except OSError:
        return None
    lines = done.stdout.splitlines()
    return Found(lines[0], tuple(lines[1:])) if done.returncode in (0, 1) and lines else None


def make(place: Path, root: Path) -> None:
    """Make an empty environment. Nothing is begun that could not be finished: half a one would be in the way."""
    own_pip = _has("venv") and _has("ensurepip")
    if not own_pip and (not _has("venv") or from_outside(place) is None):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Trouble(NO_PIP.format(python=sys.executable, version=version))
    run([_base(), "-m", "venv", *([] if own_pip else ["--without-pip"]), str(place)], root, "requirements.lock")


def installer(place: Path) -> Installer:
    """Its own pip, else what there is outside of it."""
    inside = str(python_in(place))
    if _runs(inside, "-I", "-m", "pip", "--version"):
        return Installer((inside, "-I", "-m", *PIP, "install"), MORE)
    if found := from_outside(place):
        return found
    raise Trouble(f"{place} has no pip, and neither uv nor a newer pip is here: delete that folder and try again.")


def from_outside(place: Path) -> Installer | None:
    """What can install into an environment without a pip: uv, or this Python's pip when that is 22.3 or later."""
    inside = str(python_in(place))
    if uv := shutil.which("uv"):
        return Installer((uv, "pip", "install", "--python", inside, *_for_uv(os.environ)))
    if _runs(_base(), "-m", "pip", "--python", _base(), "--version"):
        return Installer((_base(), "-m", *PIP, "--python", inside, "install"), MORE)
    return None


def _for_uv(variables: Mapping[str, str]) -> list[str]:
    given = {"--index-url": "PIP_INDEX_URL", "--find-links": "PIP_FIND_LINKS"}
    options = [text for option, name in given.items() if (it := variables.get(name)) for text in (option, it)]
    return [*options, *(["--no-index"] if variables.get("PIP_NO_INDEX") else [])]


def _base() -> str:
    """The Python behind an active virtual environment, which may be the very one that is made anew."""
    inside_one = sys.prefix != sys.base_prefix
    return str(getattr(sys, "_base_executable", sys.executable)) if inside_one else sys.executable


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _runs(*command: str) -> bool:
    try:
        return subprocess.run(command, env=surroundings(), capture_output=True).returncode == 0
    except OSError:
        return False
