"""bubblewrap's command line: namespaces of its own, a few read-only folders, and bounded means."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from mcp_runtime.programs import Program
from mcp_runtime.sandbox import enter

# bwrap is process 1 inside, and what it was started with can be read there in /proc/1/environ, --clearenv or not.
BARE = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
HOME = "/home/mcp"
OWN = {"PATH": BARE["PATH"], "HOME": HOME, "TMPDIR": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108  of the sandbox
WRITABLE = ("/tmp", "/dev/shm", HOME)  # noqa: S108
LINKS = {"/bin": "usr/bin", "/sbin": "usr/sbin", "/lib": "usr/lib", "/lib64": "usr/lib64"}
FROM_ETC = ("/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ld.so.cache", "/etc/alternatives")


def argv(program: Program, *, secrets: int, seccomp: int | None) -> list[str]:
    """The whole command line; ``secrets`` and ``seccomp`` are descriptors that bwrap reads.

    The order of bwrap's options is the order in which it acts: every bind before ``--remount-ro /``, and the
    secrets after ``--clearenv``, which would take them away.
    """
    way_in, folders = _folders(program)
    words = [*way_in, "bwrap", *_isolation(), *_environment(program), "--args", str(secrets), *_files(program, folders)]
    if seccomp is not None:
        words += ["--seccomp", str(seccomp)]
    return [*words, "--", *_limits(program), *program.command]


def _folders(program: Program) -> tuple[list[str], Mapping[str, str]]:
    """What goes before bwrap, and under which names it then finds the folders to show."""
    if os.geteuid() != 0:
        return [], {inside: str(folder) for inside, folder in program.folders.items()}
    script = [sys.executable, "-I", "-S", str(Path(enter.__file__))]
    found = {inside: f"{enter.SHOWN}/{number}" for number, inside in enumerate(program.folders)}
    return [*script, *map(str, program.folders.values()), "--"], found


def _isolation() -> list[str]:
    identity = ["--uid", str(enter.NOBODY), "--gid", str(enter.NOBODY), "--hostname", "mcp"]
    namespaces = ["--unshare-all", "--unshare-user", "--disable-userns"]
    return [*namespaces, "--die-with-parent", "--new-session", "--cap-drop", "ALL", *identity]


def _environment(program: Program) -> list[str]:
    names = OWN | dict(program.env)
    return ["--clearenv", *(word for name, value in names.items() for word in ("--setenv", name, value))]


def _files(program: Program, folders: Mapping[str, str]) -> list[str]:
    words = ["--ro-bind", "/usr", "/usr"]
    for inside, target in LINKS.items():
        words += ["--symlink", target, inside]
    for path in FROM_ETC:
        words += ["--ro-bind-try", path, path]
    for inside, folder in folders.items():
        words += ["--ro-bind", folder, inside]
    # bwrap's own /dev is a writable tmpfs as large as half of the machine's memory.
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for path in WRITABLE:
        words += ["--size", str(program.disk), "--tmpfs", path]
    return [*words, "--remount-ro", "/", "--chdir", HOME]


def _limits(program: Program) -> list[str]:
    """Set inside, where processes are counted by sandbox; outside all of the account's would count.

    On bwrap's own process as well: it is of the server's account, which may write into its memory through /proc.
    """
    limits = {"data": program.data, "nproc": program.processes, "fsize": program.disk, "nofile": 256, "core": 0}
    words = " ".join(f"--{name}={value}" for name, value in limits.items())
    return ["sh", "-c", f'prlimit --pid 1 {words} && exec prlimit {words} -- "$@"', "sh"]
