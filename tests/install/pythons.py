"""Pythons of all kinds: those of this machine, and made ones that are too old or come without pip."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OLD = """import sys, runpy
sys.version_info = (3, 9, 1, "final", 0)
sys.version = "3.9.1 (made up)"
if sys.argv[1] == "-c":
    exec(sys.argv[2])
else:
    runpy.run_path(sys.argv.pop(1) + "/__main__.py", run_name="__main__")
"""


def base() -> Path:
    """The Python that the tests' environment stands on."""
    return Path(str(getattr(sys, "_base_executable", sys.executable))).resolve()


def others() -> Iterator[tuple[str, Path]]:
    """Name and path of each other minor version from 3.11 that is on the machine, pyenv's included."""
    folders = [
        *map(Path, os.environ.get("PATH", "").split(os.pathsep)),
        *(it / "bin" for it in _of_a_version_manager()),
    ]
    seen = {f"python3.{sys.version_info.minor}"}
    for path in (it for folder in folders for it in sorted(folder.glob("python3.*"))):
        newer = re.fullmatch(r"python3\.(\d+)", path.name)
        if newer and int(newer[1]) >= 11 and path.name not in seen and _works(path):
            seen.add(path.name)
            yield path.name, path


def too_old_ones() -> list[Path]:
    """Real ones, where the machine has any."""
    return [
        path
        for folder in _of_a_version_manager()
        if re.match(r"2\.|3\.(\d|10)\.", folder.name) and _starts(path := folder / "bin" / "python")
    ]


def made_old(folder: Path) -> Path:
    """A command ``python3`` in this folder that holds itself for 3.9."""
    return _script(folder / "python3", f'exec {shlex.quote(str(base()))} -c {shlex.quote(OLD)} "$@"')


def without_ensurepip(folder: Path, pip: Path | None = None) -> Path:
    """A Python as Debian's is without python3-venv; with the pip of that folder as the system's, if there is one."""
    name = f"python3.{sys.version_info.minor}"
    real = Path(os.__file__).parent
    library = folder / "lib" / name
    library.mkdir(parents=True)
    for module in real.iterdir():
        if module.name not in {"ensurepip", "site-packages", "dist-packages", "__pycache__"}:
            (library / module.name).symlink_to(module)
    (library / "site-packages").mkdir()
    if pip is not None:
        (library / "site-packages" / "pip.pth").write_text(f"{pip}\n")
    command = folder / "bin" / "python3"
    command.parent.mkdir()
    # A copy: a link would lead to the real library.
    command.write_bytes(base().read_bytes())
    command.chmod(0o755)
    return command


def _of_a_version_manager() -> list[Path]:
    """Beside the tests' own Python, where that is one of several, and in the usual place."""
    beside = Path(sys.base_prefix).parent
    found = {*(beside.glob("*") if beside.name == "versions" else []), *Path.home().glob(".pyenv/versions/*")}
    return sorted(found)


def _script(path: Path, line: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


def _works(path: Path) -> bool:
    return _starts(path, "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))")


def _starts(path: Path, code: str = "") -> bool:
    try:
        return subprocess.run([path, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False
