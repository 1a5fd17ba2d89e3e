"""Run a step of the installation: how far it is, and when it fails its last words and the cure."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from bootstrap.troubles import Trouble, cure

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


def run(command: list[str], root: Path, lock: str, cwd: Path | None = None) -> None:
    """Run it to its end; raises `Trouble` with the cure when it fails."""
    said: list[str] = []
    errors: list[str] = []
    pipe, env = subprocess.PIPE, _environment()
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=pipe, stderr=pipe, text=True, errors="replace") as process:
        assert process.stdout and process.stderr  # noqa: S101 - asked for above
        beside = threading.Thread(target=errors.extend, args=(process.stderr,))
        beside.start()
        try:
            for line in process.stdout:
                said.append(line)
                _progress(said)
        except BaseException:
            process.kill()
            raise
        finally:
            beside.join()
    _progress([])
    if process.returncode:
        # On its output pip thinks aloud; what it has to tell goes to its errors.
        for line in [line for line in errors or said if line.strip()][-LAST_WORDS:]:
            print(line.rstrip()[:WIDTH], file=sys.stderr)
        raise Trouble(cure("".join([*said, *errors]), root, lock, process.returncode))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ASTRAY} | INSTEAD


def _progress(lines: list[str]) -> None:
    """On a terminal: how many packages have been looked at, on one line that goes away."""
    if not sys.stdout.isatty():
        return
    if not lines:
        print("\r\033[K", end="", flush=True)
    elif lines[-1].startswith("Collecting "):
        print(f"\r  {sum(line.startswith('Collecting ') for line in lines)} packages …", end="", flush=True)
    elif lines[-1].startswith("Installing collected packages"):
        print("\r\033[K  Putting them in place …", end="", flush=True)
