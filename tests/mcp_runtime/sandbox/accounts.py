"""A program of ours that is run by root and by a plain account, with the system's own Python."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from mcp_runtime.sandbox import landlock
from tests.support.requirements import require

ROOT, PACKAGES = Path(__file__).parents[3], Path(sysconfig.get_path("purelib"))
SYSTEMS = "/usr/bin/python3"
ACCOUNTS = {"root": 0, "a plain account": 1234}
PATHS = "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]\n"


def run_by(account: int, source: str, *words: str) -> Any:
    """What it prints, as JSON; it finds ``words`` in ``sys.argv``, and our own modules where they are."""
    require(landlock.version() >= landlock.NEEDED, "the kernel's Landlock is too old, or there is none")
    version = subprocess.run([SYSTEMS, "-V"], capture_output=True, text=True).stdout.split()[-1:]
    require(version != [] and version[0].startswith(sysconfig.get_python_version()), "no such Python in /usr/bin")
    reachable = all(parent.stat().st_mode & 1 for path in (PACKAGES, ROOT) for parent in (path, *path.parents))
    require(os.geteuid() == 0 and reachable, "only root can be another account, which has to reach the code")
    become = ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]
    argv = [*become, SYSTEMS, "-I", "-c", f"{PATHS}{source}", str(ROOT), str(PACKAGES), *words]
    told = subprocess.run(argv, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)
