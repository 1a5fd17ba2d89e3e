"""What the tests of the sandbox share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that other accounts can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="usher-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
