"""What of the machine's own programs and libraries a program sees: what it takes to run it, and nothing beside.

Below /usr there may be others' programs, an operator's checkout, sources, backups: none of it is of use to a program.
"""

import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from mcp_runtime.programs import Program

USR = Path("/usr")
WHERE = "/usr/local/bin:/usr/bin:/bin"
STARTERS = ("sh", "prlimit", "nice", "env")
"""What sets limits before a program, and what the first line of a script names."""
BESIDE = ("lib64", "lib32", "libx32", "lib/ssl", "lib/locale", "lib/ld-*", "local/lib/*.so*")
DATA = ("share/zoneinfo", "share/ca-certificates", "local/share/ca-certificates")
FOR = {
    "git": ("lib/git-core", "libexec/git-core", "share/git-core"),
    "node": ("share/nodejs", "share/node_modules", "lib/nodejs"),
}
"""What these have beside the file that is run; as distributions put it."""


def shown(program: Program) -> tuple[Path, ...]:
    """Files and folders below /usr, each once and none within another."""
    if program.system:
        return _apart(each for name in program.system for each in _there(name))
    return _apart((*_libraries(), *_run(program), *(each for need in program.needs for each in _beside(need))))


@cache
def _libraries() -> tuple[Path, ...]:
    # Where there are no folders by architecture, libraries lie among all else.
    found = [*_there("lib/*-linux-*")] or [USR / "lib"]
    return (*found, *(each for name in (*BESIDE, *DATA) for each in _there(name)))


def _run(program: Program) -> Iterator[Path]:
    for name in (*STARTERS, program.command[0], *program.needs):
        if (found := _file(name)) is not None:
            yield from (found, *_standard_library(found))
    for word in program.command[1:]:
        if word.startswith(f"{USR}/") and Path(word).exists():
            yield _package(Path(word))


@cache
def _file(name: str) -> Path | None:
    """As the program is called, which may be a link: what it leads to is shown in its place."""
    found = shutil.which(name, path=WHERE)
    if found is None:
        return None
    place = USR / found.lstrip("/") if found.startswith("/bin/") else Path(found)
    return place if place.is_relative_to(USR) else None


@cache
def _standard_library(program: Path) -> tuple[Path, ...]:
    real = program.resolve()
    return tuple(_there(f"lib/{real.name}")) if real.name.startswith("python3.") else ()


@cache
def _beside(need: str) -> tuple[Path, ...]:
    return tuple(each for name in FOR.get(need, ()) for each in _there(name))


def _package(script: Path) -> Path:
    """All of the package that a script of Node's belongs to."""
    places = [each for each in script.parents if each.parent.name == "node_modules"]
    return places[-1] if places else script


def _there(name: str) -> Iterator[Path]:
    return iter(sorted(USR.glob(name)))


def _apart(found: Iterable[Path]) -> tuple[Path, ...]:
    kept: list[Path] = []
    for each in sorted(set(found), key=lambda path: len(path.parts)):
        if not any(parent in kept for parent in each.parents):
            kept.append(each)
    return tuple(kept)
