"""Which sandbox works here: each is tried with the whole command line that servers are started by."""

import shutil
import sys
from dataclasses import dataclass
from typing import Literal

from mcp_runtime.programs import python
from mcp_runtime.sandbox import landlock
from mcp_runtime.sandbox.command import BARE
from mcp_runtime.sandbox.launches import Asked, Prepare, boxed, shut_in
from mcp_runtime.sandbox.runs import outcome
from mcp_runtime.sandbox.seccomp import is_known

PATIENCE = 10.0
OPEN_PROC = "--security-opt systempaths=unconfined"
ELSEWHERE = "there is no sandbox for this system: run Usher in its container, or on Linux"
PACKAGES = {"bwrap": "bubblewrap", "prlimit": "util-linux"}


@dataclass(frozen=True)
class Level:
    """``full``: bubblewrap; ``reduced``: Landlock alone; ``none``: programs are refused; ``off``: switched off."""

    name: Literal["full", "reduced", "none", "off"]
    cure: str = ""
    """What is wrong and what to do, for `usher doctor`; empty when all is well."""
    counted: bool = False
    """The kernel counts the memory and the processes of a whole program, and not of each process alone."""


async def probe() -> Level:
    if sys.platform != "linux":
        return Level("none", ELSEWHERE)
    if (wrong := await _without_bubblewrap()) is None:
        return Level("full")
    if landlock.version() < landlock.NEEDED or not is_known():
        return Level("none", wrong)
    said = await complaint(lambda: shut_in(python("-c", "pass"), Asked()))
    return Level("reduced", wrong) if said is None else Level("none", wrong)


async def _without_bubblewrap() -> str | None:
    """What keeps bubblewrap from working here, with the cure; None when nothing does."""
    if missing := [name for name in PACKAGES if shutil.which(name, path=BARE["PATH"]) is None]:
        return f"{missing[0]} is not installed: apt-get install {PACKAGES[missing[0]]}"
    said = await complaint(lambda: boxed(python("-c", "pass"), Asked()))
    return None if said is None else f"bubblewrap does not work here ({said}): {cure(said)}"


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


async def complaint(prepare: Prepare) -> str | None:
    """None when this program runs well; else the last line that was said."""
    code, said = await outcome(prepare, PATIENCE)
    if code is None:
        return f"no answer within {PATIENCE:.0f} s"
    return None if code == 0 else (said or f"exit code {code}").splitlines()[-1]
