"""The programs that may run as our children: a stored row names one of these, never a command."""

import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

MIB = 1 << 20
PYTHON, PACKAGES = "/srv/python", "/srv/packages"
OWN = "/srv/own/mcp_runtime/own_servers"


@dataclass(frozen=True)
class Program:
    """What runs inside the sandbox, with paths as they are there. Limits are in bytes."""

    command: tuple[str, ...]
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Host folders, by the name they get inside, read-only."""
    env: Mapping[str, str] = field(default_factory=dict)
    memory: int = 128 * MIB
    """Of all its processes together, as the cgroup counts it or the watch sees it."""
    data: int = 256 * MIB
    """Of one process, as the kernel refuses it."""
    disk: int = 16 * MIB
    """In each folder that can be written, which is memory that no other limit counts."""
    processes: int = 64
    says_why: bool = False
    """It says by its exit code why it could not start: see `mcp_runtime.transports.exit_codes`."""


def interpreter() -> Program:
    """Our own Python without any package, wherever on the host it is."""
    prefix = Path(sys.base_prefix)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if prefix.is_relative_to("/usr"):  # which every sandbox has
        return Program((f"{prefix}/bin/{name}", "-S"))
    return Program((f"{PYTHON}/bin/{name}", "-S"), {PYTHON: prefix}, {"LD_LIBRARY_PATH": f"{PYTHON}/lib"})


def python(*arguments: str) -> Program:
    """Our own interpreter with our own packages."""
    ours = interpreter()
    env = {"PYTHONPATH": PACKAGES, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    folders = {PACKAGES: Path(sysconfig.get_path("purelib"))}
    command = (*ours.command, *arguments)
    return replace(ours, command=command, folders={**folders, **ours.folders}, env={**env, **ours.env})


def on_host(program: Program, shown: Mapping[str, Path], arguments: tuple[str, ...]) -> Program:
    """The same program for where there is no view of its own: each path in its words as it is on this machine."""
    folders = {**program.folders, **shown}
    command = tuple(_on_host(word, folders) for word in (*program.command, *arguments))
    paths = {
        name: ":".join(_on_host(part, folders) for part in value.split(":")) for name, value in program.env.items()
    }
    return replace(program, command=command, env=paths)


def _on_host(word: str, folders: Mapping[str, Path]) -> str:
    for inside, folder in folders.items():
        if word == inside or word.startswith(f"{inside}/"):
            return f"{folder}{word.removeprefix(inside)}"
    return word


def own(name: str, memory: int = 192 * MIB) -> Program:
    """One of our own servers: inside, its folder is all there is of the product."""
    run = python("-m", f"mcp_runtime.own_servers.{name}")
    folders = {**run.folders, OWN: Path(__file__).parent / "own_servers"}
    # From the folder upwards, so that it is found on this machine as well, where the path is another.
    return replace(
        run, folders=folders, env={**run.env, "PYTHONPATH": f"{OWN}/../..:{PACKAGES}"}, memory=memory, says_why=True
    )


PROGRAMS: Mapping[str, Program] = {
    "time": python("-m", "mcp_server_time", "--local-timezone", "UTC"),
    "postgres": own("postgres"),
    "redis": own("redis"),
    "mongodb": own("mongodb"),
    "openapi": own("openapi"),
    "graphql": own("graphql", memory=256 * MIB),  # which a large schema takes
}
