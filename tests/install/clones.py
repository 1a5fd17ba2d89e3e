"""A clone of this repository in a folder of its own, and ``make`` in it as on a machine that knows nothing of ours."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.install.aged_index import wheel
from tests.install.pythons import without_ensurepip

ROOT = Path(__file__).parents[2]
# The tests' own.
UV = Path(sys.prefix) / "bin" / "uv"
SMALL_PROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "usher"
version = "0.1.0"
dependencies = ["library"]
[project.optional-dependencies]
dev = ["checker"]
[project.scripts]
usher = "app:main"
[tool.setuptools]
py-modules = ["app"]
"""
SMALL_APP = "def main():\n    import library\n    print('Usher runs')\n"
TOOLS = ("sh", "env", "echo", "make", "rm", "cat", "uname")


@dataclass
class Clone:
    root: Path
    index: Path
    variables: dict[str, str] = field(default_factory=dict)

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Its output and errors together, as on the screen."""
        return subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env={**self.machine(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def machine(self) -> dict[str, str]:
        """The variables of a machine that knows nothing of the one the tests run on."""
        home = self.index.parent / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "USHER_NO_INSTALL": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": self.index.as_uri(),
            "PIP_NO_CACHE_DIR": "1",
            "PIP_RETRIES": "0",
            "UV_HTTP_RETRIES": "0",
            "UV_NO_CACHE": "1",
            "UV_NO_CONFIG": "1",
            **self.variables,
        }

    def says(self, command: str = ".venv/bin/usher") -> str:
        """What the installed program prints, started as a person starts it."""
        done = subprocess.run(command, shell=True, cwd=self.root, capture_output=True, text=True)  # noqa: S602
        return done.stdout + done.stderr

    @property
    def is_there(self) -> bool:
        return (self.root / ".venv").exists()


def copy_of_the_tracked_files(folder: Path) -> Path:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def small_house(folder: Path, index: Path, lock: str) -> Path:
    """The real Makefile and bootstrap round a product of one module: for what the product's size only makes slow."""
    for name in ("Makefile", ".ci", "deploy/bootstrap"):
        source, goal = ROOT / name, folder / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, goal)
    (folder / "pyproject.toml").write_text(SMALL_PROJECT)
    (folder / "app.py").write_text(SMALL_APP)
    (folder / "requirements.lock").write_text(lock + wheel(index, "library", files={"library.py": b""}))
    (folder / "requirements-dev.lock").write_text(wheel(index, "checker"))
    return folder


def quick_machine(folder: Path) -> dict[str, str]:
    """A Python without pip and uv beside it: the quickest way to an environment, where the way is all one."""
    python = without_ensurepip(folder / "debian")
    (python.parent / "uv").symlink_to(UV)
    return {"PATH": f"{python.parent}:/usr/bin:/bin"}


def path_of_tools(folder: Path) -> Path:
    """A folder with the few commands that make needs and no Python, to be the whole PATH."""
    folder.mkdir(parents=True)
    for tool in TOOLS:
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    return folder
