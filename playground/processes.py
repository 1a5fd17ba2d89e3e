"""Which processes of this machine hold a file or socket, as far as they can be seen."""

from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
WORDS = 3
"""Of a program's command line: enough to know it by."""


def holding(target: str) -> Iterator[str]:
    """Those that have it open, as words: ``target`` as the links of their descriptors name it."""
    for process in PROC.iterdir() if PROC.is_dir() else ():
        if process.name.isdigit() and target in _open_in(process):
            yield f"{_command(process)} (process {process.name})"


def _open_in(process: Path) -> set[str]:
    try:
        return {_target(each) for each in (process / "fd").iterdir()}
    except OSError:  # it has ended, or is somebody else's
        return set()


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed since it was listed
        return ""


def _command(process: Path) -> str:
    try:
        words = (process / "cmdline").read_text(errors="replace").split("\0")
    except OSError:
        words = []
    shown = [Path(words[0]).name, *words[1:WORDS]] if words else []
    return " ".join(word for word in shown if word)[:80] or "a program"
