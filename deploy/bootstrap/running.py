"""Run a step of the installation: how far it is, and when it fails its last words and the cure."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from bootstrap.troubles import Trouble, cure, is_unclear

PACKAGE = ("Collecting ", "Processing ")
LAST_WORDS = 8  # lines
WIDTH = 400  # characters of a line; a certificate's trouble is told in five hundred
# Of a person's own settings for pip, the ones that say how the files are reached; every other would lead elsewhere,
# or go by other rules than the lock's.
PASSED_ON = (
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_KEYRING_PROVIDER",
    "PIP_NO_CACHE_DIR",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_TRUSTED_HOST",
)
ASTRAY = ("PYTHONHOME", "PYTHONPATH", "UV_CONSTRAINT", "UV_NO_BINARY", "UV_OVERRIDE", "VIRTUAL_ENV")
# What a configuration file may say; an empty value would not hide that. The product itself has no hash, and where
# hashes are needed the command says so.
INSTEAD = {
    "PIP_CONSTRAINT": os.devnull,
    "PIP_DRY_RUN": "0",
    "PIP_QUIET": "0",
    "PIP_REQUIRE_HASHES": "0",
    "PIP_USER": "0",
}


def run(command: list[str], root: Path, lock: str, *, cwd: Path | None = None, more: Sequence[str] = ()) -> None:
    """Run it to its end; raises `Trouble` with the cure when it fails.

    ``more`` is added for a second try that is to say why, where the first does not.
    """
    code, said, errors = _watched(command, cwd)
    if not code:
        return
    for line in [line for line in errors or said if line.strip()][-LAST_WORDS:]:
        print(line.rstrip()[:WIDTH], file=sys.stderr)
    told = "".join([*said, *errors])
    if more and is_unclear(told):
        _, said, errors = _watched([*command, *more], cwd)
        told += "".join([*said, *errors])
    raise Trouble(cure(told, root, lock, code))


def _watched(command: list[str], cwd: Path | None) -> tuple[int, list[str], list[str]]:
    """Its exit code, the lines of its output and those of its errors."""
    said: list[str] = []
    errors: list[str] = []
    pipe, env = subprocess.PIPE, surroundings()
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=pipe, stderr=pipe, text=True, errors="replace") as process:
        assert process.stdout and process.stderr  # noqa: S101 - asked for above
        beside = threading.Thread(target=errors.extend, args=(process.stderr,))
        beside.start()
        try:
            for line in process.stdout:
                # Each file of each release that an index offers: thirty megabytes of them, and never why it failed.
                if not line.lstrip().startswith(("Found link", "Skipping link")):
                    said.append(line)
                    _progress(said)
        except BaseException:
            process.kill()
            raise
        finally:
            beside.join()
            _progress([])
    return process.returncode, said, errors


def surroundings() -> dict[str, str]:
    """The variables that a program of the installation is to see."""
    return {name: value for name, value in os.environ.items() if _passes(name)} | INSTEAD


def _passes(name: str) -> bool:
    return name in PASSED_ON if name.startswith("PIP_") else name not in ASTRAY


def _progress(lines: list[str]) -> None:
    """On a terminal: the package it has come to, on one line that goes away."""
    if not sys.stdout.isatty():
        return
    if not lines:
        print("\r\033[K", end="", flush=True)
    elif lines[-1].startswith(PACKAGE):
        print(f"\r  Package {sum(line.startswith(PACKAGE) for line in lines)} …", end="", flush=True)
    elif lines[-1].startswith("Installing collected packages"):
        print("\r\033[K  Putting them in place …", end="", flush=True)
