"""How packages are installed: by pip or npm in a sandbox that reaches their index alone, running nothing of them."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcp_runtime.addresses import Reach, system_resolve
from mcp_runtime.programs import APP, MIB, Package, Program, interpreter, node
from mcp_runtime.sandbox.launches import Asked
from mcp_runtime.sandbox.network.destinations import Destinations
from mcp_runtime.sandbox.network.way_out import Verdict, WayOut
from mcp_runtime.sandbox.packages.tools import Index, npm_index, pip_folder, pip_index
from mcp_runtime.sandbox.view.folders import Folder

OUT, PIP, TRUSTED = "/srv/out", "/srv/pip", "/srv/certificates"
LOCK = "requirements.txt"
SCRATCH = ".scratch"
"""In what is being made; removed when it is done."""
HOME = {"HOME": f"{OUT}/{SCRATCH}", "TMPDIR": f"{OUT}/{SCRATCH}"}
ROOM: dict[str, Any] = {"memory": 1536 * MIB, "data": 2048 * MIB, "disk": 768 * MIB, "processes": 128}
ROOM["files"] = 4096  # npm keeps hundreds of its cache open at once


async def installation(package: Package, out: Path, told: Callable[[Verdict], None]) -> tuple[Program, Asked]:
    """What to run so that ``out`` holds the package; ``told`` hears of each host. Raises `ToolMissing`."""
    (out / SCRATCH).mkdir()
    if package.kind == "npm":
        index = await npm_index()
        shutil.copytree(package.lock, out, dirs_exist_ok=True)
        return _npm(index), _asked(index, out, {"npm_config_registry": index.url}, told)
    index = await pip_index()
    shutil.copy(package.lock, out / SCRATCH / LOCK)
    return _pip(index), _asked(index, out, {"PIP_INDEX_URL": index.url}, told)


def _pip(index: Index) -> Program:
    ours = interpreter()
    # A wheel is only unpacked; a source package would run its own code here, with the network that this has.
    words = ["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile"]
    words += ["--no-input", "--disable-pip-version-check", "--no-cache-dir", "--target", OUT]
    env = {**HOME, "PYTHONPATH": PIP, **({"PIP_CERT": TRUSTED} if index.certificates else {})}
    folders = {PIP: pip_folder(), **ours.folders, **_certificates(index)}
    command = (*ours.command, *words, "--requirement", f"{OUT}/{SCRATCH}/{LOCK}")
    return replace(ours, command=command, env={**ours.env, **env}, folders=folders, **ROOM)


def compiling(out: Path) -> tuple[Program, Asked]:
    """What to run when all of a Python package is there: who runs it cannot write, and would compile at each start.

    By hash and unchecked, since what holds by a file's time is void once the cache was copied or unpacked.
    """
    words = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    words += ["-s", OUT, "-p", APP, OUT]  # where it is found later, for tracebacks
    ours = interpreter()
    return replace(ours, command=(*ours.command, *words), **ROOM), Asked(folders={OUT: Folder(out, writable=True)})


def _npm(index: Index) -> Program:
    options = [
        "ci",
        "--ignore-scripts",
        "--omit=dev",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=1000",
    ]
    npm = Path(shutil.which("npm") or "npm").resolve()
    ours = node(str(npm), *options, "--prefix", OUT)
    trusted = {"npm_config_cafile": TRUSTED} if index.certificates else {}
    env = {**HOME, "npm_config_cache": f"{OUT}/{SCRATCH}/npm", **trusted}
    return replace(ours, env={**ours.env, **env}, folders={**ours.folders, **_certificates(index)}, **ROOM)


def _certificates(index: Index) -> Mapping[str, Path]:
    return {TRUSTED: index.certificates} if index.certificates else {}


def _asked(index: Index, out: Path, secrets: Mapping[str, str], told: Callable[[Verdict], None]) -> Asked:
    hosts = Destinations.of(index.hosts)
    # An operator who set up an index of their own may have it on a private address; no member chooses it.
    reach = Reach(frozenset((place.host, place.port) for place in hosts.web))
    return Asked(
        secrets,
        folders={OUT: Folder(out, writable=True)},
        destinations=hosts,
        way_out=lambda allowed: WayOut(allowed, reach, system_resolve, told),
    )
