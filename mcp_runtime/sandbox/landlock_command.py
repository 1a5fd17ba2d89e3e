"""The command line of the reduced sandbox."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from mcp_runtime.programs import Program
from mcp_runtime.sandbox import landlock
from mcp_runtime.sandbox.command import FROM_ETC, LINKS, OWN, YIELDS, open_files
from mcp_runtime.sandbox.enter import NOBODY
from mcp_runtime.sandbox.folders import Folder

SYSTEM = ("/usr", *LINKS, *FROM_ETC)


def landlock_argv(
    program: Program, folders: Mapping[str, Folder], *, home: str, environment: int, seccomp: int
) -> list[str]:
    """``program`` is as it is on this machine; ``environment`` and ``seccomp`` are descriptors to be read."""
    write = [home, *(str(folder.path) for folder in folders.values() if folder.writable)]
    read = [*SYSTEM, *map(str, program.folders.values()), *(str(folder.path) for folder in folders.values())]
    limits = {
        "RLIMIT_DATA": program.data,
        "RLIMIT_FSIZE": program.disk,
        "RLIMIT_NOFILE": open_files(program),
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": _tasks(NOBODY if os.geteuid() == 0 else os.geteuid()) + program.processes,
    }
    own = OWN | {"HOME": home, "TMPDIR": home}
    wanted = {"read": read, "write": write, "limits": limits, "own": own, "environment": environment, "yields": YIELDS}
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
        wanted["account"] = NOBODY
    script = [sys.executable, "-I", "-S", str(Path(landlock.__file__))]
    return [*script, json.dumps(wanted | {"seccomp": seccomp}), *program.command]


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
