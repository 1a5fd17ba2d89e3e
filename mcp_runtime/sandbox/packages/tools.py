"""pip and npm as they are set up on this machine: where they lie, and which index they ask."""

import asyncio
import importlib.util
import json
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from mcp_runtime.sandbox.processes import kill_tree, opened_whole

ASKED_WITHIN = 20.0
DEFAULTS = "from pip._internal.models.index import PyPI; print(PyPI.simple_url, PyPI.file_storage_domain)"


class ToolMissing(Exception):
    """The text is a clause for people."""


@dataclass(frozen=True)
class Index:
    """``url`` may hold credentials; ``hosts`` are all that it takes to install from it."""

    url: str = field(repr=False)
    hosts: tuple[str, ...]
    certificates: Path | None = None


def pip_folder() -> Path:
    """Where the package `pip` lies: with our own packages, or with those of the Python that ours was made from."""
    own = importlib.util.find_spec("pip")
    library = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix) / "lib"
    places = [Path(own.origin).parents[1]] if own and own.origin else []
    places += [base / library / "site-packages", base / "python3" / "dist-packages"]
    if found := next((place for place in places if (place / "pip").is_dir()), None):
        return found
    raise ToolMissing("pip is not installed here")


async def pip_index() -> Index:
    folder = pip_folder()
    env = {"PYTHONPATH": str(folder)}
    options = dict[str, str]()
    for line in (await _said([sys.executable, "-m", "pip", "config", "list"], env)).splitlines():
        name, _, value = line.partition("=")
        options[name.rpartition(".")[2]] = value.strip("'\"")  # the later ones outrank the earlier, as pip lists them
    url, files = (await _said([sys.executable, "-c", DEFAULTS], env)).split()
    url = options.get("index-url", url)
    return Index(url, (_place(url), files), _file(options.get("cert")))


async def npm_index() -> Index:
    if (npm := shutil.which("npm")) is None or shutil.which("node") is None:
        raise ToolMissing("Node.js and npm are not installed here")
    options = json.loads(await _said([npm, "config", "list", "--json"], {}))
    url = str(options["registry"])
    return Index(url, (_place(url),), _file(options.get("cafile")))


async def _said(command: list[str], env: Mapping[str, str]) -> str:
    """What a tool of ours says of its own set-up, from outside of any sandbox: it reads files, and runs nothing."""
    opening = asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env={**os.environ, **env}, start_new_session=True
    )
    process = await opened_whole(opening)
    try:
        async with asyncio.timeout(ASKED_WITHIN):
            out, _ = await process.communicate()
    except TimeoutError:
        raise ToolMissing(f"{Path(command[0]).name} does not answer here") from None
    finally:
        if process.returncode is None:  # also when nobody waits for it any more
            kill_tree(process.pid)
            await process.wait()
    if process.returncode != 0:
        raise ToolMissing(f"{Path(command[0]).name} does not work here")
    return out.decode()


def _place(url: str) -> str:
    """As a program's list of hosts has it; what is served on another port is reached only there."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ToolMissing("the index that packages come from is no web address")
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname


def _file(path: object) -> Path | None:
    return Path(path) if isinstance(path, str) and Path(path).is_file() else None
