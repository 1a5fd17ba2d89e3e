"""Where the programs of others are, and how they start: as our children in the sandbox, or serving by themselves."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from mcp_runtime.programs import MIB, Program
from tests.support.node_packages import installed
from tests.support.requirements import require

PACKAGES = Path(__file__).parent / "packages"
INSIDE = "/srv/tests/node_modules"
EVERYTHING = "@modelcontextprotocol/server-everything/dist/index.js"
FILESYSTEM = "@modelcontextprotocol/server-filesystem/dist/index.js"
MEMORY = "@modelcontextprotocol/server-memory/dist/index.js"
SUPABASE = "@supabase/mcp-server-supabase/dist/cli.js"
LIMITS: Mapping[str, Any] = {"memory": 300 * MIB, "data": 1024 * MIB, "files": 256}


@cache
def modules() -> Path:
    """Where they are installed; skips where they cannot be."""
    return installed(PACKAGES)


def node_binary() -> Path:
    """The one that comes along on Linux, since it is new enough; else the machine's own."""
    brought = next(modules().glob("node-linux-*/bin/node"), None)
    machine = shutil.which("node")
    require(bool(brought or machine), "needs Node 22 or later")
    return brought or Path(str(machine)).resolve()


def program(script: str, *arguments: str, folders: Mapping[str, Path] | None = None, **env: str) -> Program:
    """A script below ``node_modules`` as a program of our list; ``folders`` by their name inside."""
    binary = node_binary()
    shown = {"/srv/node": binary.parent, INSIDE: modules(), **(folders or {})}
    return Program(
        ("/srv/node/node", f"{INSIDE}/{script}", *arguments),
        shown,
        env=env,
        **LIMITS,
    )


@contextmanager
def serving(script: str, *arguments: str, until: str, **env: str) -> Iterator[str]:
    """It runs by itself, and has said a line with ``until`` in it: that line."""
    command = [str(node_binary()), str(modules() / script), *arguments]
    with subprocess.Popen(
        command, env={"PATH": "/usr/bin:/bin", **env}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stderr
        try:
            yield next(line.strip() for line in child.stderr if until in line)
        finally:
            child.kill()
