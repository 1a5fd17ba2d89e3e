"""Usher's own cache of installed packages: filled once a lock, whole or not at all, read-only to who runs them."""

import asyncio
import hashlib
import logging
import os
import platform
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from mcp_runtime.programs import Package
from mcp_runtime.sandbox.enter import NOBODY
from mcp_runtime.sandbox.launches import Way
from mcp_runtime.sandbox.network.way_out import Verdict
from mcp_runtime.sandbox.packages.alone import alone
from mcp_runtime.sandbox.packages.failures import NotInstalled, of_installer, of_system
from mcp_runtime.sandbox.packages.installing import SCRATCH, compiling, installation
from mcp_runtime.sandbox.packages.tools import ToolMissing
from mcp_runtime.sandbox.runs import outcome

INSTALLED_WITHIN = 300.0
PARTIAL = ".partial-"
MANNER = 2
"""Of installing: counted up when what older versions of Usher installed would not do."""
Choose = Callable[[], Awaitable[Way]]
log = logging.getLogger(__name__)


@dataclass
class _Underway:
    task: "asyncio.Task[Path]"
    since: float


class Packages:
    """``way`` chooses how the installer is started: in the same sandbox as the programs, where there is one."""

    def __init__(self, folder: Path, way: Choose) -> None:
        self._folder = folder
        self._way = way
        self._underway: dict[str, _Underway] = {}

    def installed(self, package: Package) -> Path | None:
        place = self._folder / key(package)
        return place if place.is_dir() else None

    def seconds(self, package: Package) -> float | None:
        """For how long it is being installed by now; None: it is not."""
        underway = self._underway.get(key(package))
        return time.monotonic() - underway.since if underway else None

    def begin(self, package: Package) -> "asyncio.Task[Path]":
        """Install it, or join who does; it goes on when nobody waits for it any more."""
        name = key(package)
        if (underway := self._underway.get(name)) is None:
            task = asyncio.create_task(self._install(package))
            underway = self._underway[name] = _Underway(task, time.monotonic())
            task.add_done_callback(lambda done: self._over(name, done))
        return underway.task

    async def ready(self, package: Package) -> Path:
        """Where it is; installed now when it is not yet. Raises `NotInstalled`."""
        if (place := self.installed(package)) is not None:
            return place
        return await asyncio.shield(self.begin(package))

    async def close(self) -> None:
        """What is half made is left out, and begun anew some other time."""
        tasks = [each.task for each in self._underway.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _over(self, name: str, task: "asyncio.Task[Path]") -> None:
        del self._underway[name]
        if not task.cancelled() and task.exception() is not None:
            log.warning("packages could not be installed: %s", task.exception())

    async def _install(self, package: Package) -> Path:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            async with alone(self._folder / f".{key(package)}.lock"):
                return self.installed(package) or await self._made(package)
        except ToolMissing as error:
            raise NotInstalled(str(error), "An administrator can install it.") from None
        except OSError as error:
            log.warning("packages could not be installed into %s: %s", self._folder, error)
            raise NotInstalled(*of_system(error)) from None

    async def _made(self, package: Package) -> Path:
        """While nobody else makes it: so what another left half made is nobody's."""
        name = key(package)
        for left in self._folder.glob(f"{PARTIAL}{name}-*"):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        out = Path(mkdtemp(prefix=f"{PARTIAL}{name}-", dir=self._folder))
        try:
            asked_for: list[Verdict] = []
            program, asked = await installation(package, out, asked_for.append)
            if os.geteuid() == 0:
                _give(out, NOBODY)
            way = await self._way()
            code, said = await outcome(lambda: way(program, asked), INSTALLED_WITHIN)
            if code != 0:
                log.warning("packages could not be installed (exit code %s): %s", code, said)
                raise NotInstalled(*of_installer(code, said, all(each.reached for each in asked_for)))
            if package.kind == "pypi":
                await self._compile(out, way)
            return await _to_its_end(_settled, out, self._folder / name)
        finally:
            await asyncio.to_thread(shutil.rmtree, out, ignore_errors=True)

    async def _compile(self, out: Path, way: Way) -> None:
        program, asked = compiling(out)
        code, said = await outcome(lambda: way(program, asked), INSTALLED_WITHIN)
        if code != 0:  # some packages bring files for other Pythons: what is needed and has none is only slower
            log.info("not all of a package could be compiled (exit code %s): %s", code, said)


async def _to_its_end(act: Callable[[Path, Path], Path], out: Path, place: Path) -> Path:
    """Whoever is cancelled meanwhile waits for it: a thread goes on, and would put in place what is being removed."""
    work = asyncio.create_task(asyncio.to_thread(act, out, place))
    try:
        return await asyncio.shield(work)
    finally:
        await asyncio.wait({work})


def key(package: Package) -> str:
    """One for each lock, and for each kind of machine: a package may hold compiled code."""
    files = sorted(package.lock.iterdir()) if package.kind == "npm" else [package.lock]
    locked = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    of_python = f"-py{sys.version_info.major}{sys.version_info.minor}" if package.kind == "pypi" else ""
    return f"{package.lock.stem}{of_python}-{platform.machine()}-{locked}-{MANNER}"


def _settled(out: Path, place: Path) -> Path:
    """All of it on the disk and ours, before it has the name by which it counts as whole."""
    shutil.rmtree(out / SCRATCH, ignore_errors=True)
    if os.geteuid() == 0:
        _give(out, 0)
    out.chmod(0o755)
    os.sync()
    out.rename(place)
    return place


def _give(folder: Path, account: int) -> None:
    for each in (folder, *_below(folder)):
        os.chown(each, account, account, follow_symlinks=False)


def _below(folder: Path) -> Iterator[Path]:
    return folder.rglob("*")
