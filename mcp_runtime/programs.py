"""The programs of our own list: a connection names one of these, or a command that an administrator confirmed."""

import base64
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

MIB = 1 << 20
PREPARED = Path(__file__).parent / "sandbox" / "packages"
LOCKS = PREPARED / "locks"
PYTHON, NODE, PACKAGES, APP = "/srv/python", "/srv/node", "/srv/packages", "/srv/app"
OWN = "/srv/own/mcp_runtime/own_servers"

NODE_LIMITS: dict[str, Any] = {"memory": 192 * MIB, "data": 1024 * MIB, "files": 256}
"""Node takes 75 MB to stand still, and from version 24 on does not start below 640 MB of ``data``; it
opens its modules at once."""


@dataclass(frozen=True)
class Package:
    """What is installed before a program runs. ``lock``: a file of requirements, or a folder with npm's two files."""

    kind: Literal["pypi", "npm"]
    lock: Path


@dataclass(frozen=True)
class Program:
    """What runs inside the sandbox, with paths as they are there. Limits are in bytes."""

    command: tuple[str, ...]
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Host folders, by the name they get inside, read-only."""
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of these of its folders no more than that, by patterns; what they do not name is not there."""
    left_out: tuple[str, ...] = ()
    """What is in the folders and is not shown, by its path inside."""
    system: tuple[str, ...] = ()
    """What is shown of /usr, by patterns; none: what it takes to run the command, and what it ``needs``."""
    env: Mapping[str, str] = field(default_factory=dict)
    memory: int = 128 * MIB
    """Of all its processes together, as the cgroup counts it or the watch sees it."""
    data: int = 256 * MIB
    """Of one process, as the kernel refuses it."""
    disk: int = 16 * MIB
    """In each folder that can be written, which is memory that no other limit counts."""
    processes: int = 64
    files: int = 128
    """That one process may have open."""
    says_why: bool = False
    """It says by its exit code why it could not start: see `mcp_runtime.transports.exit_codes`."""
    package: Package | None = None
    """Installed beforehand; inside it is `APP`."""
    needs: tuple[str, ...] = ()
    """Programs of this machine that it starts."""
    changes: frozenset[str] = frozenset()
    """Tools of its server that change shared folders: of no use where each of these may only be read."""


def interpreter() -> Program:
    """Our own Python without any package, wherever on the host it is, and nothing else that lies there."""
    prefix = Path(sys.base_prefix)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if prefix == Path("/usr"):  # of which every sandbox has what its program needs
        return Program((f"{prefix}/bin/{name}", "-S"))
    return Program(
        (f"{PYTHON}/bin/{name}", "-S"),
        {PYTHON: prefix},
        {PYTHON: (f"bin/{name}", f"lib/{name}", "lib/*.so*")},
        (f"{PYTHON}/lib/{name}/site-packages",),
        env={"LD_LIBRARY_PATH": f"{PYTHON}/lib"},
    )


def python(*arguments: str) -> Program:
    """Our own interpreter with our own packages."""
    ours = interpreter()
    env = {"PYTHONPATH": PACKAGES, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    folders = {PACKAGES: Path(sysconfig.get_path("purelib"))}
    command = (*ours.command, *arguments)
    return replace(ours, command=command, folders={**folders, **ours.folders}, env={**env, **ours.env})


def node(*arguments: str) -> Program:
    """The machine's own Node.js; paths below its folder are translated to where they are inside."""
    found = Path(shutil.which("node") or "/usr/bin/node").resolve()
    if found.is_relative_to("/usr"):
        return Program((str(found), *arguments), needs=("node",))
    prefix = found.parent.parent
    words = (word.replace(f"{prefix}/", f"{NODE}/") for word in arguments)
    parts = ("bin/node", "lib/node_modules/npm", "lib/*.so*")
    return Program((f"{NODE}/bin/node", *words), {NODE: prefix}, {NODE: parts}, needs=("node",))


def packaged_python(lock: str, module: str, *, needs: tuple[str, ...] = (), **env: str) -> Program:
    """A module of packages that are none of ours."""
    ours = interpreter()
    paths = {"PYTHONPATH": APP, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = (*ours.command, "-m", module)
    return replace(
        ours, command=command, env={**paths, **ours.env, **env}, package=Package("pypi", LOCKS / lock), needs=needs
    )


def packaged_node(lock: str, script: str, *, first: str = "", **limits: Any) -> Program:
    """A script below ``node_modules``; V8 is told of the limit, since it would else only be ended by it.

    ``first`` is a module of ours that is loaded before it.
    """
    # In the command itself: a file of ours would have to be shown inside, and readable for its account.
    module = base64.b64encode(PREPARED.joinpath(first).read_bytes()).decode() if first else ""
    loaded = ("--import", f"data:text/javascript;base64,{module}") if first else ()
    ours = node("--max-old-space-size=96", *loaded, f"{APP}/node_modules/{script}")
    return replace(ours, package=Package("npm", LOCKS / lock), **(NODE_LIMITS | limits))


def on_host(program: Program, shown: Mapping[str, Path], arguments: tuple[str, ...]) -> Program:
    """The same program for where there is no view of its own: each path in its words as it is on this machine."""
    folders = {**program.folders, **shown}
    command = tuple(_on_host(word, folders) for word in (*program.command, *arguments))
    paths = {
        name: ":".join(_on_host(part, folders) for part in value.split(":")) for name, value in program.env.items()
    }
    left_out = tuple(_on_host(path, folders) for path in program.left_out)
    return replace(program, command=command, env=paths, left_out=left_out)


def _on_host(word: str, folders: Mapping[str, Path]) -> str:
    for inside, folder in folders.items():
        if word == inside or word.startswith(f"{inside}/"):
            return f"{folder}{word.removeprefix(inside)}"
    return word


def own(name: str, memory: int = 192 * MIB) -> Program:
    """One of our own servers: inside, its folder is all there is of the product."""
    run = python("-m", "mcp_runtime.own_servers", name)
    folders = {**run.folders, OWN: Path(__file__).parent / "own_servers"}
    # From the folder upwards, so that it is found on this machine as well, where the path is another.
    return replace(
        run, folders=folders, env={**run.env, "PYTHONPATH": f"{OWN}/../..:{PACKAGES}"}, memory=memory, says_why=True
    )


GIT_WITHOUT_HOOKS = """
import git.index.base
from mcp_server_git import main
git.index.base.run_commit_hook = lambda *given: None
main()
"""
"""It makes commits by itself, and its own hooks are run whatever git is told of them."""


def git() -> Program:
    """Others' repositories: what they say should be run is not. Each belongs to somebody else, which git would mind."""
    told = {"safe.directory": "*", "core.hooksPath": "/dev/null", "core.fsmonitor": "false"}
    # The sandbox knows no account: USER is who commits where the repository names nobody.
    env = {"GIT_CONFIG_COUNT": str(len(told)), "GIT_OPTIONAL_LOCKS": "0", "USER": "usher"}
    for number, (key, value) in enumerate(told.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    program = packaged_python("git.txt", "mcp_server_git", needs=("git",), **env)
    changes = frozenset({"git_commit", "git_add", "git_reset", "git_create_branch", "git_checkout"})
    return replace(program, command=(*interpreter().command, "-c", GIT_WITHOUT_HOOKS), changes=changes)


def filesystem() -> Program:
    script = "@modelcontextprotocol/server-filesystem/dist/index.js"
    changes = frozenset({"write_file", "edit_file", "create_directory", "move_file"})
    return packaged_node("filesystem", script, first="spare_git.mjs", changes=changes)


PROGRAMS: Mapping[str, Program] = {
    "time": python("-m", "mcp_server_time", "--local-timezone", "UTC"),
    "postgres": own("postgres"),
    "redis": own("redis"),
    "openapi": own("openapi"),
    "graphql": own("graphql", memory=256 * MIB),  # which a large schema takes
    "git": git(),
    "filesystem": filesystem(),
}
