"""The command line of the reduced sandbox."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from mcp_runtime.programs import Program
from mcp_runtime.sandbox import landlock
from mcp_runtime.sandbox.command import FROM_ETC, OWN, YIELDS, open_files
from mcp_runtime.sandbox.enter import NOBODY
from mcp_runtime.sandbox.view.folders import Folder
from mcp_runtime.sandbox.view.hidden import parts, where
from mcp_runtime.sandbox.view.system import shown

FOR_OTHERS = 512
"""Threads that others of the account may begin while a program runs, before the kernel refuses it one of its own."""


def landlock_argv(
    program: Program,
    folders: Mapping[str, Folder],
    *,
    home: str,
    environment: int,
    seccomp: int,
    hidden: tuple[Path, ...] = (),
) -> list[str]:
    """``program`` is as it is on this machine; ``environment`` and ``seccomp`` are descriptors to be read."""
    opened = [each.path for each in folders.values() if each.writable]
    write = [home, *_parts_of(opened, hidden)]
    read = [*map(str, FROM_ETC), *_read(program, hidden), *_parts_of((each.path for each in folders.values()), hidden)]
    limits = {
        "RLIMIT_DATA": program.data,
        "RLIMIT_FSIZE": program.disk,
        "RLIMIT_NOFILE": open_files(program),
        "RLIMIT_CORE": 0,
        # Of the whole account: no more than what stops a bomb until the next look, which counts the program's own.
        "RLIMIT_NPROC": _tasks(NOBODY if os.geteuid() == 0 else os.geteuid()) + program.processes + FOR_OTHERS,
    }
    own = OWN | {"HOME": home, "TMPDIR": home}
    wanted = {"read": read, "write": write, "limits": limits, "own": own, "environment": environment, "yields": YIELDS}
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
        wanted["account"] = NOBODY
    script = [sys.executable, "-I", "-S", str(Path(landlock.__file__))]
    return [*script, json.dumps(wanted | {"seccomp": seccomp}), *program.command]


def _read(program: Program, hidden: tuple[Path, ...]) -> list[str]:
    """What is shown of this machine; of a folder a part can only be left out by naming all others."""
    places = [*shown(program)]
    for path, folder in program.folders.items():
        patterns = program.parts.get(path)
        places += [each for pattern in patterns for each in folder.glob(pattern)] if patterns else [folder]
    return _parts_of(places, (*hidden, *map(Path, program.left_out)))


def _parts_of(places: Iterable[Path], hidden: tuple[Path, ...]) -> list[str]:
    """No link: a rule for one would hold for what it leads to."""
    ours = where(hidden)
    found = (place / part for place in places for part in parts(place, ours) if not _is_link_in(place, part))
    return list(map(str, found))


def _is_link_in(place: Path, part: Path) -> bool:
    return part != Path() and (place / part).is_symlink()


def _tasks(account: int) -> int:
    """How many the account has already: the kernel's limit counts all of them, and not those of one program."""
    return sum(_of(process) for process in _processes() if _owner(process) == account)


def _processes() -> Iterable[Path]:
    return (each for each in Path("/proc").iterdir() if each.name.isdecimal())


def _owner(process: Path) -> int | None:
    with suppress(OSError):
        return process.stat().st_uid
    return None


def _of(process: Path) -> int:
    with suppress(OSError):
        return len(list((process / "task").iterdir()))
    return 0
