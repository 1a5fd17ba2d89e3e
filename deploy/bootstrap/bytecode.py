"""The product's own files compiled beforehand, as pip does with what it installs."""

import subprocess
from pathlib import Path

from bootstrap.running import surroundings

PARTS = ("app.py", "bot", "run_cards", "mcp_runtime", "storage", "playground")


def compiled(python: Path, root: Path) -> None:
    """As far as can be: without, all runs as well, but whatever may not write here compiles anew at each start.

    That is a service of systemd, for a third of its start, and each server of ours in its sandbox.
    """
    parts = [str(root / part) for part in PARTS if (root / part).exists()]
    command = [str(python), "-I", "-m", "compileall", "-q", *parts]
    subprocess.run(command, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
