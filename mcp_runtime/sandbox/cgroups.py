"""Memory, processes and time of a whole program, counted by the kernel, where a part of its control groups is ours.

It counts what no other limit does: all processes together, at once, and what lies in folders that are memory.
"""

import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal

from mcp_runtime.sandbox.processes import tree

OWN = Path("/proc/self")
PROGRAMS, OURSELVES = "programs", "usher"
BESIDE_IT = 8
"""Processes that are none of the program's: what starts it, and bubblewrap's own."""
# "0" is whoever writes it. A program that cannot join has its other limits.
JOIN = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1/cgroup.procs"; n=$((n-1)); shift; done 2>/dev/null; exec "$@"'
MEMORY = {1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), 2: ("memory.max", "memory.swap.max")}
KILLS = {1: "memory.oom_control", 2: "memory.events"}
PROCESSORS = {1: "cpu.cfs_quota_us", 2: "cpu.max"}
ONE_PROCESSOR = {1: "100000", 2: "100000 100000"}
"""In microseconds, out of each 100,000: whatever a program starts, the other processors are left for all else."""
numbers = count(1)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Group:
    """Of one program: a folder in each hierarchy."""

    folders: tuple[Path, ...]
    version: Literal[1, 2]

    def joining(self, argv: list[str]) -> list[str]:
        """The command line that is in it from its first moment."""
        return ["sh", "-c", JOIN, "sh", str(len(self.folders)), *map(str, self.folders), *argv]

    def overran(self) -> bool:
        """Whether the kernel ended some of it, for it held more than it may."""
        for folder in self.folders:
            with suppress(OSError):
                words = (folder / KILLS[self.version]).read_text().split()
                return int(dict(zip(words[::2], words[1::2], strict=False)).get("oom_kill", 0)) > 0
        return False

    def remove(self) -> bool:
        """Once nothing is in it any more; False: something is."""
        gone = True
        for folder in self.folders:
            try:
                folder.rmdir()
            except FileNotFoundError:  # at the try before
                continue
            except OSError:
                gone = False
        return gone


@dataclass(frozen=True)
class Groups:
    """``folders`` are ours to make groups in: one for all (version 2), or of memory, perhaps of time, of processes."""

    folders: tuple[Path, ...]
    version: Literal[1, 2]
    left: list[Group] = field(default_factory=list, compare=False)
    """Something was in them still when they were done with."""

    def leave(self, group: Group) -> None:
        """Take it away: now, or with the next that is made."""
        if not group.remove():
            self.left.append(group)

    def make(self, memory: int, processes: int) -> Group | None:
        self.left[:] = [each for each in self.left if not each.remove()]
        name = f"usher-{os.getpid()}-{next(numbers)}"
        group = Group(tuple(folder / name for folder in self.folders), self.version)
        swap = memory if self.version == 1 else 0  # the older one counts both together
        try:
            for folder in group.folders:
                folder.mkdir()
            _bound(group.folders[0], MEMORY[self.version], (memory, swap))
            (group.folders[-1] / "pids.max").write_text(str(processes + BESIDE_IT))
            self._bound_time(group.folders)
        except OSError as error:
            log.info("a control group could not be made: %s", error)
            group.remove()
            return None
        return group

    def _bound_time(self, folders: Iterable[Path]) -> None:
        """Where the kernel can: the controller may be missing, or not have been delegated."""
        for folder in folders:
            if (quota := folder / PROCESSORS[self.version]).exists():
                quota.write_text(ONE_PROCESSOR[self.version])

    def sweep(self) -> None:
        """Take away what processes left that are gone."""
        for folder in self.folders:
            for left in folder.glob("usher-*-*"):
                if not Path(f"/proc/{left.name.split('-')[1]}").exists():
                    with suppress(OSError):
                        left.rmdir()


def _bound(folder: Path, names: tuple[str, str], limits: tuple[int, int]) -> None:
    (folder / names[0]).write_text(str(limits[0]))
    with suppress(OSError):  # a kernel may not count swap
        (folder / names[1]).write_text(str(limits[1]))
    with suppress(OSError):  # version 2: what is left of a program when the kernel ended a part is of no use
        (folder / "memory.oom.group").write_text("1") if names == MEMORY[2] else None


def ours(own: Path = OWN) -> Groups | None:
    """Where we may make groups; None where no part of the machine's control groups was delegated to us."""
    try:
        places = dict(_places(own))
        found = _second(places[""]) if "" in places else None
        if found is None and {"memory", "pids"} <= places.keys():
            time = [places["cpu"]] if "cpu" in places and os.access(places["cpu"], os.W_OK) else []
            found = Groups((places["memory"], *time, places["pids"]), 1)
    except OSError:
        return None
    if found is None or not all(os.access(folder, os.W_OK) for folder in found.folders):
        return None
    found.sweep()
    return found


def _second(place: Path) -> Groups | None:
    """Version 2: a group that has processes can hand nothing on, so theirs lie beside ours and not below."""
    controllers = (place / "cgroup.controllers").read_text().split()
    if "memory" not in controllers:
        return None
    handed_on = place.parent / "cgroup.subtree_control"
    if handed_on.exists() and os.access(handed_on, os.W_OK) and place.name == OURSELVES:  # as systemd was told
        base = place.parent
    elif os.access(place / "cgroup.procs", os.W_OK) and _alone(place):
        base = place
        _move(place, place / OURSELVES)
    else:
        return None
    wanted = "+memory +pids +cpu" if "cpu" in controllers else "+memory +pids"
    (base / "cgroup.subtree_control").write_text(wanted)
    (base / PROGRAMS).mkdir(exist_ok=True)
    (base / PROGRAMS / "cgroup.subtree_control").write_text(wanted)
    return Groups((base / PROGRAMS,), 2)


def _alone(place: Path) -> bool:
    """Whether all that is in it is ours: others are not to be moved, whatever root may do."""
    others = set(_in(place)) - set(map(str, tree(os.getpid())))
    return others.isdisjoint(_in(place))  # else it has ended meanwhile


def _move(place: Path, leaf: Path) -> None:
    leaf.mkdir(exist_ok=True)
    for pid in _in(place):
        with suppress(ProcessLookupError):
            (leaf / "cgroup.procs").write_text(pid)


def _in(place: Path) -> list[str]:
    return (place / "cgroup.procs").read_text().split()


def _places(own: Path) -> Iterable[tuple[str, Path]]:
    """Our group in each hierarchy, by the controllers that it has; version 2 has the name ""."""
    mounts = list(_mounts((own / "mountinfo").read_text()))
    for line in (own / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            for kind, options, root, place in mounts:
                fits = kind == "cgroup2" if controller == "" else kind == "cgroup" and controller in options
                if fits and (path == root or path.startswith(f"{root.rstrip('/')}/")):
                    yield controller, place / path.removeprefix(root).lstrip("/")
                    break


def _mounts(text: str) -> Iterable[tuple[str, list[str], str, Path]]:
    """See proc_pid_mountinfo(5)."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        root, place = before.split()[3:5]
        kind, _, options = after.split()[:3]
        yield kind, options.split(","), root, Path(place)
