"""Packages of programs: installed once, whole or not at all, in a sandbox that reaches their index alone."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_runtime.errors import ProgramFailed
from mcp_runtime.programs import APP, PROGRAMS, Package, interpreter
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.launches import boxed
from mcp_runtime.sandbox.packages import tools
from mcp_runtime.sandbox.packages.cache import PARTIAL, Packages, key
from mcp_runtime.sandbox.packages.failures import NotInstalled, of_installer, of_system
from mcp_runtime.sandbox.processes import opened_whole
from mcp_runtime.specs import StdioSpec
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.sandbox.indexes import Index, index, locked_tarball, locked_wheel, wheel
from tests.support.ending import gone

ROOT = Path(__file__).parents[3]
TINY = StdioSpec("tiny")


@pytest.fixture(autouse=True)
async def works(sandbox: Sandbox) -> None:
    """All of this needs a sandbox that works here."""


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    async with index(monkeypatch) as served:
        yield served


async def in_sandbox() -> Any:
    return boxed


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "cache", in_sandbox)


def held(tmp_path: Path) -> list[str]:
    return sorted(each.name for each in (tmp_path / "cache").iterdir() if not each.name.endswith(".lock"))


async def test_a_wheel_is_installed_once_and_then_found(packages: Packages, served: Index, tmp_path: Path) -> None:
    package = locked_wheel(tmp_path)
    assert packages.installed(package) is None and packages.seconds(package) is None
    one, other = await asyncio.gather(packages.ready(package), packages.ready(package))
    assert one == other == packages.installed(package)
    assert (one / "tiny.py").exists() and held(tmp_path) == [key(package)]
    asked = len(served.asked)
    assert await packages.ready(package) == one and len(served.asked) == asked
    assert one.stat().st_uid == os.geteuid() and all(each.stat().st_uid == os.geteuid() for each in one.rglob("*"))


async def test_npm_installs_what_is_locked_and_runs_nothing_of_it(
    packages: Packages, served: Index, tmp_path: Path
) -> None:
    place = await packages.ready(locked_tarball(tmp_path))
    assert (place / "node_modules" / "tiny" / "index.js").read_text() == "1\n"
    assert not (place / "marked").exists()
    assert sorted(each.name for each in place.iterdir()) == ["node_modules", "package-lock.json", "package.json"]


@pytest.mark.parametrize("locked", [locked_wheel, locked_tarball])
async def test_what_is_not_what_was_locked_is_not_installed(
    packages: Packages, served: Index, tmp_path: Path, locked: Any
) -> None:
    served.wheel, served.tarball = served.wheel + b"\0", served.tarball + b"\0"
    with pytest.raises(NotInstalled, match="not what it was"):
        await packages.ready(locked(tmp_path))
    assert held(tmp_path) == []


@pytest.mark.parametrize("locked", [locked_wheel, locked_tarball])
async def test_an_index_that_cannot_be_reached_is_told_as_such(
    packages: Packages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, locked: Any
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    with pytest.raises(NotInstalled, match="cannot be reached") as told:
        await packages.ready(locked(tmp_path))
    assert "9" not in str(told.value) and held(tmp_path) == []


async def test_what_another_process_left_half_made_is_made_anew(
    packages: Packages, served: Index, tmp_path: Path
) -> None:
    package = locked_wheel(tmp_path)
    left = tmp_path / "cache" / f"{PARTIAL}{key(package)}-old"
    left.mkdir(parents=True)
    (left / "tiny.py").write_text("half")
    assert (await packages.ready(package) / "tiny.py").read_text() != "half"
    assert held(tmp_path) == [key(package)]


INSTALL = """
import asyncio, sys
from pathlib import Path
from mcp_runtime.programs import Package
from mcp_runtime.sandbox.launches import boxed
from mcp_runtime.sandbox.packages import cache

async def way():
    if sys.argv[3] == "wait":
        print("begun", flush=True)
        await asyncio.sleep(60)
    return boxed

async def main():
    print(await cache.Packages(Path(sys.argv[1]), way).ready(Package("pypi", Path(sys.argv[2]))), flush=True)

asyncio.run(main())
"""


async def another(tmp_path: Path, package: Package, how: str) -> asyncio.subprocess.Process:
    words = [sys.executable, "-c", INSTALL, str(tmp_path / "cache"), str(package.lock), how]
    return await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, cwd=ROOT)


async def test_two_processes_at_once_install_it_once(packages: Packages, served: Index, tmp_path: Path) -> None:
    package = locked_wheel(tmp_path)
    processes = [await another(tmp_path, package, "at once") for _ in range(2)]
    told = [(await process.communicate())[0].decode().strip() for process in processes]
    assert told == [str(packages.installed(package))] * 2
    assert served.asked.count("/files/tiny-1.0-py3-none-any.whl") == 1 and held(tmp_path) == [key(package)]


async def test_a_process_that_is_killed_half_way_leaves_nothing_that_hinders_the_next(
    packages: Packages, served: Index, tmp_path: Path
) -> None:
    package = locked_wheel(tmp_path)
    process = await another(tmp_path, package, "wait")
    assert process.stdout is not None and await process.stdout.readline() == b"begun\n"
    assert held(tmp_path) != []
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    assert packages.installed(package) is None
    await packages.ready(package)
    assert held(tmp_path) == [key(package)]


async def test_closing_gives_up_what_is_half_made(packages: Packages, served: Index, tmp_path: Path) -> None:
    task = packages.begin(locked_wheel(tmp_path))
    await asyncio.sleep(0)
    await packages.close()
    assert task.cancelled()
    assert not (tmp_path / "cache").exists() or held(tmp_path) == []


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Package:
    """As a program of our list."""
    package, programs = locked_wheel(tmp_path), PROGRAMS
    ours = interpreter()
    program = replace(ours, command=(*ours.command, "-m", "tiny"), env={**ours.env, "PYTHONPATH": APP}, package=package)
    monkeypatch.setitem(programs, "tiny", program)  # type: ignore[arg-type]
    return package


async def test_a_program_is_installed_when_it_is_connected_and_runs_from_there(
    make_pool: MakePool, connect: Connect, served: Index, tmp_path: Path, tiny: Package
) -> None:
    pool = make_pool(sandbox=Sandbox(packages=tmp_path / "cache"))
    connecting = asyncio.create_task(connect(pool, TINY))
    async with asyncio.timeout(60):
        while pool.preparing(TINY) is None:
            await asyncio.sleep(0)
    await connecting
    assert pool.preparing(TINY) is None
    assert [tool.own_name for tool in (await pool.toolset(MEMBER)).tools] == ["echo"]


async def test_nothing_is_installed_at_the_time_of_a_call(served: Index, tmp_path: Path, tiny: Package) -> None:
    box = Sandbox(packages=tmp_path / "cache")
    with pytest.raises(ProgramFailed, match="installed anew"):
        await box.launcher(TINY, {}, server="Tiny")
    await box.make_ready(TINY, server="Tiny")
    await box.launcher(TINY, {}, server="Tiny")
    await box.close()


async def test_what_goes_wrong_reaches_the_member_in_words(
    make_pool: MakePool, connect: Connect, served: Index, tmp_path: Path, tiny: Package
) -> None:
    served.wheel += b"\0"
    pool = make_pool(sandbox=Sandbox(packages=tmp_path / "cache"))
    with pytest.raises(ProgramFailed) as told:
        await connect(pool, TINY)
    assert "not what it was" in told.value.reason and "administrator" in told.value.cure


async def test_a_program_that_needs_another_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: None)
    with pytest.raises(ProgramFailed, match="needs git, which is not installed"):
        await Sandbox().make_ready(StdioSpec("git"), server="Git")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("npm error code ENOSPC", "no room"),
        ("OSError: [Errno 28] No space left on device", "no room"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not what it was"),
        ("something new", "could not be installed"),
    ],
)
def test_each_failure_has_its_sentence(said: str, reason: str) -> None:
    assert reason in of_installer(1, said, True)[0]


def test_a_full_disk_is_told_as_such() -> None:
    assert "no room" in of_system(OSError(28, "No space left on device"))[0]
    assert "could not be written" in of_system(OSError(30, "Read-only file system"))[0]
    assert "too long" in of_installer(None, "", True)[0]


@pytest.mark.parametrize("name", [name for name, program in PROGRAMS.items() if program.package])
def test_what_we_lock_is_pinned_by_hashes_and_names_no_host(name: str) -> None:
    package = PROGRAMS[name].package
    assert package is not None
    if package.kind == "npm":
        text = (package.lock / "package-lock.json").read_text()
        assert '"resolved"' not in text and text.count('"integrity"') > 50
        return
    text = package.lock.read_text()
    assert "://" not in text
    entries = [each for each in text.replace("\\\n", " ").splitlines() if each.strip() and not each.startswith("#")]
    assert entries and all("==" in each and "--hash=sha256:" in each for each in entries)


async def test_what_is_installed_is_compiled_for_good(packages: Packages, served: Index, tmp_path: Path) -> None:
    place = await packages.ready(locked_wheel(tmp_path))
    compiled = (place / "__pycache__" / f"tiny.{sys.implementation.cache_tag}.pyc").read_bytes()
    assert int.from_bytes(compiled[4:8], "little") == 0b01  # by hash, and not looked up again: PEP 552
    assert f"{APP}/tiny.py".encode() in compiled


async def test_a_file_that_cannot_be_compiled_hinders_nothing(
    packages: Packages, served: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.mcp_runtime.sandbox.indexes.SERVER", "print 'of long ago'\n")
    served.wheel = wheel()
    assert (await packages.ready(locked_wheel(tmp_path)) / "tiny.py").exists()


async def test_a_tool_that_hangs_is_ended_and_said_to_be_missing(
    packages: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\nsleep 1000 &\necho $$ $! > {begun}.new\nmv {begun}.new {begun}\nwait\n")
    npm.chmod(0o755)

    async def opened(opening: Any) -> Any:
        process = await opened_whole(opening)
        async with asyncio.timeout(60):
            while not begun.exists():
                await asyncio.sleep(0.01)
        return process

    monkeypatch.setattr("shutil.which", lambda name, **_: str(npm))
    monkeypatch.setattr(tools, "opened_whole", opened)
    monkeypatch.setattr(tools, "ASKED_WITHIN", 0.1)
    with pytest.raises(NotInstalled, match="npm does not answer here"):
        await packages.ready(locked_tarball(tmp_path))
    await gone(*map(int, begun.read_text().split()))
