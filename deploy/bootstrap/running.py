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
# A person's own settings that would lead an installation astray: elsewhere, or by other rules than the lock's.
ASTRAY = (
    "PIP_NO_BINARY",
    "PIP_PREFIX",
    "PIP_REQUIREMENT",
    "PIP_ROOT",
    "PIP_TARGET",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_CONSTRAINT",
    "UV_NO_BINARY",
    "UV_OVERRIDE",
    "VIRTUAL_ENV",
)
# What a configuration file may say; an empty value would not hide that.
INSTEAD = {"PIP_USER": "0", "PIP_QUIET": "0", "PIP_CONSTRAINT": os.devnull}


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
    pipe, env = subprocess.PIPE, _environment()
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


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ASTRAY} | INSTEAD


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
