"""Memory and processes of a whole program, by the kernel's control groups where some are ours."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from mcp_runtime.errors import ProgramStopped
from mcp_runtime.programs import MIB, PROGRAMS, Program
from mcp_runtime.sandbox import Sandbox, cgroups, launches
from mcp_runtime.sandbox.cgroups import Group, Groups
from mcp_runtime.sandbox.launches import Asked, Launch, boxed, grouped
from mcp_runtime.specs import StdioSpec
from tests.mcp_runtime.conftest import MakePool
from tests.mcp_runtime.sandbox.inside import SYSTEMS, told
from tests.support.requirements import require


@pytest.fixture
async def groups(sandbox: Sandbox) -> Groups:
    found = cgroups.ours()
    require(found is not None and (await sandbox.probe()).counted, "no control groups are ours here")
    assert found is not None
    return found


def left(groups: Groups) -> list[Path]:
    return [each for folder in groups.folders for each in folder.glob(f"usher-{os.getpid()}-*")]


async def test_a_program_is_counted_as_a_whole_and_leaves_no_group(groups: Groups) -> None:
    made = await told(
        """
        def forks():
            for number in range(200):
                try:
                    if os.fork() == 0: os.read(0, 1); os._exit(0)
                except BlockingIOError: return number
        print(forks())
        """,
        way=lambda program, asked: grouped(boxed, groups, replace(program, processes=32), asked),
        processes=150,
    )
    assert 20 < made < 32 + cgroups.BESIDE_IT
    assert left(groups) == []


FILLS = """
print("{}", flush=True)
for folder in ("/tmp", "/dev/shm"):
    with open(f"{folder}/big", "wb") as file:
        for _ in range(50): file.write(bytes(1 << 20))
input()
"""
"""Two folders that are memory, each smaller than what a program may hold: no process holds any of it."""


async def test_what_the_kernel_ended_is_told_as_too_much_memory(
    make_pool: MakePool, groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy = replace(SYSTEMS, command=(*SYSTEMS.command, FILLS), memory=64 * MIB, disk=56 * MIB)
    monkeypatch.setitem(PROGRAMS, "greedy", greedy)  # type: ignore[arg-type]
    pool = make_pool(sandbox=Sandbox())
    with pytest.raises(ProgramStopped, match="more than 64 MB of memory"):
        await pool.try_out(StdioSpec("greedy"), {}, title="Greedy")
    await pool.close()
    assert left(groups) == []


def tree(tmp_path: Path, lines: str, mounts: str) -> Path:
    own = tmp_path / "self"
    own.mkdir()
    (own / "cgroup").write_text(lines)
    (own / "mountinfo").write_text(mounts)
    return own


def second(tmp_path: Path, path: str, controllers: str = "cpu memory pids", procs: str = "") -> Path:
    """Version 2, with our group at ``path``."""
    place = tmp_path / "fs" / path
    place.mkdir(parents=True)
    for folder in (place, place.parent):
        (folder / "cgroup.subtree_control").write_text("")
        (folder / "cgroup.controllers").write_text(controllers)
        (folder / "cgroup.procs").write_text(procs)
    mounts = f"30 24 0:26 / {tmp_path}/fs rw - cgroup2 cgroup2 rw\n"
    return tree(tmp_path, f"1:name=systemd:/x\n0::/{path}\n", mounts)


def test_in_the_second_version_groups_lie_beside_our_own(tmp_path: Path) -> None:
    found = cgroups.ours(second(tmp_path, "usher.service/usher", procs="1"))
    base = tmp_path / "fs" / "usher.service"
    assert found == Groups((base / "programs",), 2)
    assert (base / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
    group = found.make(96 * MIB, 32)
    assert group is not None and group.folders[0].parent == base / "programs"
    limits = {each.name: each.read_text() for each in group.folders[0].iterdir()}
    assert limits == {"memory.max": str(96 * MIB), "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "40"}


@pytest.mark.parametrize(("version", "quota"), [(1, "100000"), (2, "100000 100000")])
def test_a_program_has_the_time_of_one_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: Literal[1, 2], quota: str
) -> None:
    name = cgroups.PROCESSORS[version]
    made = Path.mkdir

    def with_its_files(folder: Path, *given: Any) -> None:  # as the kernel makes them
        made(folder, *given)
        (folder / name).write_text("max")

    monkeypatch.setattr(Path, "mkdir", with_its_files)
    group = Groups((tmp_path,), version).make(96 * MIB, 32)
    assert group is not None and (group.folders[0] / name).read_text() == quota


async def test_the_kernel_takes_that_bound(groups: Groups) -> None:
    """A group's time holds for all that is in it."""
    made = groups.make(64 * MIB, 8)
    assert made is not None
    try:
        quotas = [each / cgroups.PROCESSORS[groups.version] for each in made.folders]
        told = [each.read_text().strip() for each in quotas if each.exists()]
    finally:
        made.remove()
    require(told != [], "the time of programs is not ours to bound here")
    assert told == [cgroups.ONE_PROCESSOR[groups.version]]


def test_without_a_group_for_ourselves_we_make_one_and_move_there(tmp_path: Path) -> None:
    found = cgroups.ours(second(tmp_path, "usher.service", procs=f"{os.getpid()}\n"))
    base = tmp_path / "fs" / "usher.service"
    assert found == Groups((base / "programs",), 2)
    assert (base / "usher" / "cgroup.procs").read_text() == str(os.getpid())


def test_who_ends_while_we_move_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that was tried just now, say: for its sake all others would be uncounted."""
    own = second(tmp_path, "usher.service", procs=f"{os.getpid()}\n{2**22 + 1}\n{2**22 + 2}\n")
    base, write = tmp_path / "fs" / "usher.service", Path.write_text

    def looked(pid: int) -> set[int]:
        write(base / "cgroup.procs", f"{os.getpid()}\n{2**22 + 2}\n")
        return {pid, 2**22 + 2}

    def written(file: Path, text: str) -> int:
        if text == str(2**22 + 2):
            raise ProcessLookupError
        return write(file, text)

    monkeypatch.setattr(cgroups, "tree", looked)
    monkeypatch.setattr(Path, "write_text", written)
    assert cgroups.ours(own) == Groups((base / "programs",), 2)
    assert (base / "usher" / "cgroup.procs").read_text() == str(os.getpid())


def test_where_others_live_nobody_is_moved(tmp_path: Path) -> None:
    assert cgroups.ours(second(tmp_path, "user.slice", procs=f"{os.getpid()}\n{os.getppid()}\n")) is None
    assert not (tmp_path / "fs" / "user.slice" / "usher").exists()


@pytest.mark.parametrize("controllers", ["", "cpu io"])
def test_without_the_controller_for_memory_there_is_none(tmp_path: Path, controllers: str) -> None:
    assert cgroups.ours(second(tmp_path, "usher.service/usher", controllers)) is None


def test_in_a_container_the_path_is_below_what_was_mounted(tmp_path: Path) -> None:
    for name in ("memory", "pids"):
        (tmp_path / name / "inner").mkdir(parents=True)
    mounts = "".join(
        f"3{n} 24 0:2{n} /docker/abc {tmp_path}/{name} rw - cgroup cgroup rw,{name}\n"
        for n, name in enumerate(("memory", "pids"))
    )
    own = tree(tmp_path, "4:memory:/docker/abc/inner\n3:pids:/docker/abc/inner\n0::/\n", mounts)
    assert cgroups.ours(own) == Groups((tmp_path / "memory" / "inner", tmp_path / "pids" / "inner"), 1)


@pytest.mark.parametrize("lines", ["", "0::/x\n", "4:memory:/x\n"])
def test_where_nothing_is_mounted_or_told_there_is_none(tmp_path: Path, lines: str) -> None:
    assert cgroups.ours(tree(tmp_path, lines, "")) is None
    assert cgroups.ours(tmp_path / "nowhere") is None


def test_what_a_process_left_that_is_gone_is_taken_away(tmp_path: Path) -> None:
    ours, gone = tmp_path / f"usher-{os.getpid()}-1", tmp_path / f"usher-{2**22 + 1}-1"
    ours.mkdir()
    gone.mkdir()
    Groups((tmp_path,), 2).sweep()
    assert ours.exists() and not gone.exists()


def test_all_of_a_group_is_taken_away_also_where_a_part_is_gone_or_still_in_use(tmp_path: Path) -> None:
    gone, used, empty = (tmp_path / name for name in ("gone", "used", "empty"))
    (used / "in").mkdir(parents=True)
    empty.mkdir()
    group = Group((gone, used, empty), 1)
    assert not group.remove() and not empty.exists()
    (used / "in").rmdir()
    assert group.remove() and not used.exists()


class Busy(Group):
    """Something is in it, until that is gone."""

    def remove(self) -> bool:
        return not (self.folders[0] / "in").exists() and super().remove()


@pytest.mark.parametrize("way", ["its way out fails", "it cannot be started", "it does not end in time"])
async def test_a_group_that_is_still_in_use_is_taken_away_before_the_next_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(cgroups, "Group", Busy)
    monkeypatch.setattr(launches, "REMOVED_WITHIN", 0.01 if way == "it does not end in time" else 600.0)
    groups = Groups((tmp_path,), 1)

    async def beside() -> None:
        if way == "its way out fails":
            raise OSError("the sandbox ended before it had a way out")
        await asyncio.sleep(600)

    @contextmanager
    def bare(program: Program, asked: Asked) -> Iterator[Launch]:
        yield Launch(["true"], {}, (), MIB, beside=beside)

    async def run() -> None:
        with grouped(bare, groups, SYSTEMS, Asked()) as launch:
            assert launch.group is not None and launch.beside is not None
            (launch.group.folders[0] / "in").mkdir()
            if way == "it cannot be started":
                raise OSError("no more processes")
        await launch.beside()

    running = asyncio.create_task(run())
    for _ in range(5):
        await asyncio.sleep(0)
    running.cancel()
    async with asyncio.timeout(30):
        await asyncio.wait({running})
    (left,) = tmp_path.iterdir()
    (left / "in").rmdir()
    for each in left.iterdir():
        each.unlink()  # as the kernel does with what is its own
    assert groups.make(MIB, 1) is not None
    assert not left.exists() and groups.left == []


async def test_a_group_that_cannot_be_joined_hinders_no_program(tmp_path: Path) -> None:
    words = Group((tmp_path / "away", tmp_path / "gone"), 1).joining(["echo", "here", "$1"])
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, stderr=-1)
    assert await process.communicate() == (b"here $1\n", b"")


def test_a_group_that_cannot_be_made_hinders_no_program(tmp_path: Path) -> None:
    assert Groups((tmp_path / "away",), 2).make(MIB, 1) is None
