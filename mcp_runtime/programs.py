"""The programs that may run as our children: a stored row names one of these, never a command."""

import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

MIB = 1 << 20
PYTHON, PACKAGES, OWN = "/srv/python", "/srv/packages", "/srv/own"


@dataclass(frozen=True)
class Program:
    """``command`` is what runs inside the sandbox; ``bare`` is the same program without one. Limits are in bytes."""

    command: tuple[str, ...]
    bare: tuple[str, ...] = ()
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Host folders, by the name they get inside, read-only."""
    env: Mapping[str, str] = field(default_factory=dict)
    memory: int = 192 * MIB
    """Of all its processes together, as the watch sees it."""
    data: int = 256 * MIB
    """Of one process, as the kernel refuses it."""
    disk: int = 16 * MIB
    """In each folder that can be written, which is memory that no other limit counts."""
    processes: int = 64


def python(*arguments: str) -> Program:
    """Our own interpreter with our own packages, wherever on the host they are."""
    prefix = Path(sys.base_prefix)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    env = {"PYTHONPATH": PACKAGES, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    folders = {PACKAGES: Path(sysconfig.get_path("purelib"))}
    if not prefix.is_relative_to("/usr"):  # which every sandbox has
        folders[PYTHON], prefix = prefix, Path(PYTHON)
        env["LD_LIBRARY_PATH"] = f"{PYTHON}/lib"
    return Program((f"{prefix}/bin/{name}", "-S", *arguments), (sys.executable, *arguments), folders, env)


def own(name: str, memory: int = 192 * MIB) -> Program:
    """One of our own servers: inside, its folder is all there is of the product."""
    run = python("-m", f"mcp_runtime.own_servers.{name}")
    folders = {**run.folders, f"{OWN}/mcp_runtime/own_servers": Path(__file__).parent / "own_servers"}
    return replace(run, folders=folders, env={**run.env, "PYTHONPATH": f"{OWN}:{PACKAGES}"}, memory=memory)


PROGRAMS: Mapping[str, Program] = {
    "time": python("-m", "mcp_server_time", "--local-timezone", "UTC"),
    "postgres": own("postgres"),
    "redis": own("redis"),
    "mongodb": own("mongodb"),
    "openapi": own("openapi"),
    "graphql": own("graphql"),
}
