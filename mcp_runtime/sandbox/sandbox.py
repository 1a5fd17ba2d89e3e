"""Whether there is a sandbox here, and how a program is started in it."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from mcp_runtime.errors import NotPermitted, SandboxMissing
from mcp_runtime.programs import PROGRAMS, Program, python
from mcp_runtime.sandbox.command import BARE, argv
from mcp_runtime.sandbox.processes import kill_tree
from mcp_runtime.sandbox.seccomp import seccomp_filter

PATIENCE = 10.0
OPEN_PROC = "--security-opt systempaths=unconfined"
NO_SANDBOX = "it runs as a program on this machine, and there is no sandbox to run it in; an administrator can help"


@dataclass(frozen=True)
class Level:
    """``full``: sandboxed; ``none``: there is no sandbox, so stdio servers are refused; ``off``: switched off."""

    name: Literal["full", "none", "off"]
    cure: str = ""
    """What is wrong and what to do, for `usher doctor`; empty when all is well."""


@dataclass(frozen=True)
class Launch:
    """All that it takes to start a program, while the descriptors are open."""

    argv: list[str]
    env: Mapping[str, str] = field(repr=False)
    pass_fds: tuple[int, ...]
    memory: int


Prepare = Callable[[], AbstractContextManager[Launch]]


class Sandbox:
    """``unsandboxed`` names programs that may run without one where none can be had."""

    def __init__(self, enabled: bool = True, unsandboxed: frozenset[str] = frozenset()) -> None:
        self._enabled = enabled
        self._unsandboxed = unsandboxed
        self._level: Level | None = None
        self._probing = asyncio.Lock()

    async def probe(self) -> Level:
        """Try it once, with the whole command line that servers are started by."""
        async with self._probing:
            if self._level is None:
                self._level = await self._tried()
            return self._level

    async def launcher(self, program: str, secrets: Mapping[str, str], *, server: str) -> Prepare:
        """How to start a program of our list; raises `SandboxMissing` where that is not safe enough."""
        if program not in PROGRAMS:
            raise NotPermitted(server, "its program is not one of those that may run here")
        level = await self.probe()
        if level.name == "full":
            return partial(boxed, PROGRAMS[program], secrets)
        if level.name == "off" or program in self._unsandboxed:
            return partial(unboxed, PROGRAMS[program], secrets)
        raise SandboxMissing(server, NO_SANDBOX)

    async def _tried(self) -> Level:
        if not self._enabled:
            return Level("off", "MCP_SANDBOX_ENABLED is false: stdio servers run with all that Usher itself may do")
        if sys.platform != "linux":
            return Level("none", "there is no sandbox for this system: run Usher in its container, or on Linux")
        needed = [name for name in ("bwrap", "prlimit") if shutil.which(name, path=BARE["PATH"]) is None]
        if needed:
            package = {"bwrap": "bubblewrap", "prlimit": "util-linux"}[needed[0]]
            return Level("none", f"{needed[0]} is not installed: apt-get install {package}")
        said = await complaint(python("-c", "pass"))
        return Level("full") if said is None else Level("none", f"bubblewrap does not work here ({said}): {cure(said)}")


def cure(said: str) -> str:
    """What to do about bwrap's own words."""
    if "No permissions to create" in said or "creating new namespace" in said.lower():
        return f"allow user namespaces; in Docker: --security-opt seccomp=unconfined {OPEN_PROC}"
    if "uid map" in said or "RTM_NEWADDR" in said:
        return "give bwrap an AppArmor profile that has `userns,`"
    if "mount proc" in said:
        return f"in Docker add {OPEN_PROC}"
    if "execvp" in said or "source path" in said:
        return "let other accounts read the folders of Python and of Usher's environment"
    return "see docs/operations.md, “Sandbox”"


async def complaint(program: Program) -> str | None:
    """None when this program runs well in the sandbox; else the last line that was said."""
    with boxed(program, {}) as launch:
        process = await asyncio.create_subprocess_exec(
            *launch.argv,
            stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE,
            pass_fds=launch.pass_fds, env=launch.env, start_new_session=True,
        )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            _, said = await process.communicate()
    except TimeoutError:
        kill_tree(process.pid)
        return f"no answer within {PATIENCE:.0f} s"
    if process.returncode == 0:
        return None
    return (said.decode(errors="replace").strip() or f"exit code {process.returncode}").splitlines()[-1]


@contextmanager
def boxed(program: Program, secrets: Mapping[str, str]) -> Iterator[Launch]:
    """In the sandbox; secrets go by descriptor, since a command line is public."""
    words = "".join(f"--setenv\0{name}\0{value}\0" for name, value in secrets.items())
    with ExitStack() as stack:
        sealed = _in_memory(stack, words.encode())
        try:
            allowed = _in_memory(stack, seccomp_filter())
        except KeyError:  # a machine whose call numbers we do not know
            allowed = None
        passed = tuple(number for number in (sealed, allowed) if number is not None)
        yield Launch(argv(program, secrets=sealed, seccomp=allowed), BARE, passed, program.memory)


@contextmanager
def unboxed(program: Program, secrets: Mapping[str, str]) -> Iterator[Launch]:
    yield Launch(list(program.bare), BARE | dict(secrets), (), program.memory)


def _in_memory(stack: ExitStack, content: bytes) -> int:
    descriptor = os.memfd_create("usher", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
