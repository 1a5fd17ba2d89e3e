"""bubblewrap's command line: namespaces of its own, a few read-only folders, and bounded means."""

import os
import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mcp_runtime.programs import Program, interpreter, on_host
from mcp_runtime.sandbox import enter
from mcp_runtime.sandbox.network.listeners import PROXY
from mcp_runtime.sandbox.view import system
from mcp_runtime.sandbox.view.folders import Folder
from mcp_runtime.sandbox.view.hidden import led_to, parts, where

# bwrap is process 1 inside, and what it was started with can be read there in /proc/1/environ, --clearenv or not.
BARE = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
HOME = "/home/mcp"
OWN = {"PATH": BARE["PATH"], "HOME": HOME, "TMPDIR": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108  of the sandbox
PROXIED = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), f"http://{PROXY}"),
    "NODE_USE_ENV_PROXY": "1",
}
HAND_OUT = "/run/hand_out.py"
YIELDS = 5
"""As `nice` counts: where the processors are busy, what Usher and others do goes first."""
WRITABLE = ("/tmp", "/dev/shm", HOME)  # noqa: S108
LINKS = {"/bin": "usr/bin", "/sbin": "usr/sbin", "/lib": "usr/lib", "/lib64": "usr/lib64"}
FROM_ETC = ("/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ld.so.cache", "/etc/alternatives")


@dataclass(frozen=True)
class Network:
    """Descriptors of what a program needs that may reach hosts, and where its listeners are to be."""

    control: int
    script: int
    files: Mapping[str, int]
    """Of text, by the path that it gets inside."""
    listen: tuple[str, ...]
    proxied: bool


@dataclass(frozen=True)
class Given:
    """What goes in by descriptor: a command line is public, and a path would have to be readable for others."""

    secrets: int
    seccomp: int | None = None
    network: Network | None = None
    folders: Mapping[str, Folder] = field(default_factory=dict)
    """The operator's, by their path inside."""
    hidden: tuple[Path, ...] = ()
    """Files and folders of this machine that are not shown, wherever they lie."""


def argv(program: Program, given: Given, arguments: tuple[str, ...] = ()) -> list[str]:
    """The whole command line.

    The order of bwrap's options is the order in which it acts: every bind before ``--remount-ro /``, and the
    secrets after ``--clearenv``, which would take them away.
    """
    way_in, found = _shown(program, given)
    hidden = where(given.hidden)
    words = [*way_in, "bwrap", *_isolation(), *_environment(program, given), "--args", str(given.secrets)]
    words += [*_files(program, hidden), *_network_files(given.network), *_folders(program, given, found, hidden)]
    words += _left_out(program, given)
    words += ["--remount-ro", "/", "--chdir", HOME]
    if given.seccomp is not None:
        words += ["--seccomp", str(given.seccomp)]
    return [*words, "--", *_limits(program), *_hand_out(given.network), *program.command, *arguments]


def _shown(program: Program, given: Given) -> tuple[list[str], Mapping[str, str]]:
    """What goes before bwrap, and under which names it then finds the folders to show."""
    folders = _places(program, given)
    if os.geteuid() != 0:
        return [], {path: str(folder) for path, folder in folders.items()}
    script = [sys.executable, "-I", "-S", str(Path(enter.__file__))]
    found = {path: f"{enter.SHOWN}/{number}" for number, path in enumerate(folders)}
    return [*script, *map(str, folders.values()), "--"], found


def _isolation() -> list[str]:
    identity = ["--uid", str(enter.NOBODY), "--gid", str(enter.NOBODY), "--hostname", "mcp"]
    namespaces = ["--unshare-all", "--unshare-user", "--disable-userns"]
    return [*namespaces, "--die-with-parent", "--new-session", "--cap-drop", "ALL", *identity]


def _environment(program: Program, given: Given) -> list[str]:
    proxied = PROXIED if given.network is not None and given.network.proxied else {}
    names = {**OWN, **proxied, **(interpreter().env if given.network else {}), **program.env}
    return ["--clearenv", *(word for name, value in names.items() for word in ("--setenv", name, value))]


def _files(program: Program, hidden: list[Path]) -> list[str]:
    words = [word for path in system.shown(program) for word in _bound("--ro-bind", path, str(path), str(path), hidden)]
    for link, target in LINKS.items():
        words += ["--symlink", target, link]
    for path in FROM_ETC:
        words += ["--ro-bind-try", path, path]
    # bwrap's own /dev is a writable tmpfs as large as half of the machine's memory.
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for path in WRITABLE:
        words += ["--size", str(program.disk), "--tmpfs", path]
    return words


def _network_files(network: Network | None) -> list[str]:
    files = {**network.files, HAND_OUT: network.script} if network is not None else {}
    return [word for path, number in files.items() for word in ("--perms", "0444", "--ro-bind-data", str(number), path)]


def _folders(program: Program, given: Given, found: Mapping[str, str], hidden: list[Path]) -> list[str]:
    writable = {path for path, folder in given.folders.items() if folder.writable}
    parts, places = _parts(program, given), _places(program, given)
    return [
        word
        for path, folder in found.items()
        for part in _named(places[path], parts.get(path, ("",)))
        for word in _bound(
            _bind(path in writable), Path(f"{places[path]}{part}"), f"{folder}{part}", f"{path}{part}", hidden
        )
    ]


def _bound(bind: str, place: Path, found: str, inside: str, hidden: list[Path]) -> list[str]:
    """``place`` of this machine, which bwrap finds as ``found``, but for what of it is hidden."""
    shown = list(parts(place, hidden))
    if shown == [Path()]:
        return [bind, found, inside]
    words = ["--dir", inside]
    for part in shown:
        if (target := led_to(place / part)) is not None:
            words += ["--symlink", target, f"{inside}/{part}"]
        else:
            words += [f"{bind}-try", f"{found}/{part}", f"{inside}/{part}"]
    return words


def _places(program: Program, given: Given) -> dict[str, Path]:
    """The folders of this machine that are shown, by their path inside."""
    needed = interpreter().folders if given.network is not None else {}
    return {**program.folders, **needed, **{path: folder.path for path, folder in given.folders.items()}}


def _parts(program: Program, given: Given) -> Mapping[str, tuple[str, ...]]:
    return {**program.parts, **(interpreter().parts if given.network is not None else {})}


def _named(folder: Path, patterns: tuple[str, ...]) -> list[str]:
    """What of a folder is meant, each as what follows its path."""
    found = dict.fromkeys(each for pattern in patterns for each in (folder.glob(pattern) if pattern else (folder,)))
    return [str(each).removeprefix(str(folder)) for each in found]


def _left_out(program: Program, given: Given) -> list[str]:
    """Laid over at last: an empty folder that is no room to write."""
    places = _places(program, given)
    apart = [*program.left_out, *(interpreter().left_out if given.network is not None else ())]
    empty = [path for path in dict.fromkeys(apart) if _on(path, places).is_dir()]
    return [word for path in empty for word in ("--tmpfs", path, "--remount-ro", path)]


def _on(path: str, places: Mapping[str, Path]) -> Path:
    return Path(on_host(Program((path,)), places, ()).command[0])


def _bind(writable: bool) -> str:
    return "--bind" if writable else "--ro-bind"


def _limits(program: Program) -> list[str]:
    """Set inside, where processes are counted by sandbox; outside all of the account's would count.

    On bwrap's own process as well: it is of the server's account, which may write into its memory through /proc.
    """
    limits = {"data": program.data, "nproc": program.processes, "fsize": program.disk, "core": 0}
    limits["nofile"] = open_files(program)
    words = " ".join(f"--{name}={value}" for name, value in limits.items())
    return ["sh", "-c", f'prlimit --pid 1 {words} && exec nice -n {YIELDS} prlimit {words} -- "$@"', "sh"]


def open_files(program: Program) -> int:
    """Where the machine itself allows fewer, to ask for more would end the program before it began."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return program.files if most == resource.RLIM_INFINITY else min(program.files, most)


def _hand_out(network: Network | None) -> list[str]:
    if network is None:
        return []
    return [*interpreter().command, "-I", HAND_OUT, str(network.control), *network.listen, "--"]
