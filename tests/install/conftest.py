"""One aged index for all of these tests, and clones in folders with awkward names."""

import re
import shutil
from pathlib import Path

import pytest

from tests.install.aged_index import WHOLE, aged, plain
from tests.install.clones import ROOT, Clone, copy_of_the_tracked_files, small_house

# A space, a quotation mark and letters of other languages.
AWKWARD = "Wanda's füße и документы"


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="session")
def aged_locks(index: Path) -> dict[str, str]:
    """The repository's own lock files, in a world in which everything has a newer release."""
    return {name: aged((ROOT / name).read_text(), index) for name in ("requirements.lock", "requirements-dev.lock")}


@pytest.fixture(scope="session")
def lock_of_tools(aged_locks: dict[str, str]) -> str:
    """The lines of what an installation itself takes."""
    lines = aged_locks["requirements.lock"].splitlines(True)
    return "".join(line for line in lines if plain(re.split("==", line)[0]) in WHOLE)


@pytest.fixture
def clone(tmp_path: Path, index: Path, aged_locks: dict[str, str]) -> Clone:
    """All that is tracked, with the aged lock files."""
    folder = copy_of_the_tracked_files(tmp_path / AWKWARD)
    for name, text in aged_locks.items():
        (folder / name).write_text(text)
    return Clone(folder, index)


@pytest.fixture
def small(tmp_path: Path, index: Path, lock_of_tools: str) -> Clone:
    """A small house, with an index of its own that a test may harm."""
    own = tmp_path / "index"
    for tool in WHOLE:
        shutil.copytree(index / tool, own / tool)
    return Clone(small_house(tmp_path / AWKWARD, own, lock_of_tools), own)
