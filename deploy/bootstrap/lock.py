"""Pin the dependencies anew, then see that every pin has a ready-made file wherever Usher is promised to install."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bootstrap.environment import AS_LOCKED
from bootstrap.install import RUN, STORES, TESTS
from bootstrap.troubles import Trouble

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
WITH_TESTS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
)
# The driver of the browser's tests is made for no musl.
EVERYWHERE = (*WITH_TESTS, "x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl")
PLATFORMS = {RUN: EVERYWHERE, STORES: EVERYWHERE, TESTS: WITH_TESTS}
COMPILE = [
    "pip",
    "compile",
    "--universal",
    "--generate-hashes",
    "--python-version",
    PYTHONS[0],
    "--no-header",
    "--quiet",
]
PINNED = re.compile(r"(?m)^(?=[A-Za-z0-9])")
# The build back end is locked with the rest, so that nothing is fetched that no lock file names.
INSTALL = ["--extra", "install"]
OUTSIDE = [word for extra in ("aws", "gcp", "keyring") for word in ("--extra", extra)]
EXTRAS = {
    RUN: INSTALL,
    STORES: [*INSTALL, *OUTSIDE, "--constraint", RUN],
    TESTS: [*INSTALL, "--extra", "dev", "--constraint", RUN, "--constraint", STORES],
}


def make_lock(root: Path, options: list[str]) -> None:
    """Pins stay as they are where they still fit; ``--upgrade`` takes the newest."""
    uv = shutil.which("uv", path=f"{root / '.venv/bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    if uv is None:
        raise Trouble("make lock needs uv, which resolves for every platform at once: make test brings it into .venv.")
    for lock in (RUN, STORES, TESTS):
        done = subprocess.run([uv, *COMPILE, *EXTRAS[lock], *options, "pyproject.toml", "-o", lock], cwd=root)
        if done.returncode:
            raise Trouble(f"{lock} could not be made, for the reason above.")
    for lock in (STORES, TESTS):
        (root / lock).write_text(only_in((root / lock).read_text(), (root / RUN).read_text()))
    check(root, uv)


def only_in(lock: str, other: str) -> str:
    """The part of a lock file whose packages the other does not pin: installed after it, the two can never disagree."""
    known = {_name(entry) for entry in _entries(other)}
    return "".join(entry for entry in _entries(lock) if _name(entry) not in known)


def check(root: Path, uv: str) -> None:
    """Raises `Trouble` naming each place where a pin has no ready-made file."""
    failures, tried = [], 0
    for lock, platforms in PLATFORMS.items():
        for platform in platforms:
            for python in PYTHONS:
                tried += 1
                if said := _lacks(root, uv, lock, platform, python):
                    failures.append(f"{lock}, {platform}, Python {python}: {said}")
    if failures:
        raise Trouble(
            "\n".join([*failures, "There is no ready-made file there: choose another pin in pyproject.toml."])
        )
    print(
        f"Every pin has a ready-made file: {tried} of {tried} pairs of platform and Python (each lock file by itself)."
    )


def _lacks(root: Path, uv: str, lock: str, platform: str, python: str) -> str:
    with tempfile.TemporaryDirectory() as empty:
        where = ["--target", empty, "--python-platform", platform, "--python-version", python]
        command = [uv, "pip", "install", "--dry-run", "--quiet", *AS_LOCKED, *where, "--requirement", lock]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return " ".join(done.stderr.split()) if done.returncode else ""


def _entries(lock: str) -> Iterator[str]:
    return (entry for entry in PINNED.split(lock) if entry.strip())


def _name(entry: str) -> str:
    return entry.split("==", 1)[0].lower()
