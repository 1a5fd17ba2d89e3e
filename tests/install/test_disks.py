"""A disk that is full, read-only or another's is told in one sentence with its cure: real disks, small ones."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bootstrap import troubles
from tests.install.aged_index import wheel
from tests.install.clones import Clone, small_house


@contextmanager
def disk_of(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own at this folder, so small that it fills; only root may make one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"a small disk takes root: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("size", ["3m", "40m"], ids=["while making .venv", "while installing"])
def test_a_full_disk(size, small, tmp_path, lock_of_tools):
    large = wheel(small.index, "large", files={"large.bin": os.urandom(30_000_000)})
    with disk_of(tmp_path / "small disk", size) as disk:
        root = small_house(disk / "usher", small.index, large + lock_of_tools)
        told = Clone(root, small.index).make("ready")

        assert told.returncode != 0
        assert "There is no room left on the disk: about 500 MB are needed in" in told.stdout.splitlines()[-2]
        assert "Traceback" not in told.stdout
        assert not (root / ".venv").exists(), "what is half made would take the little room there is"


def test_a_read_only_folder(small, tmp_path, lock_of_tools):
    with disk_of(tmp_path / "disk", "3m") as disk:
        root = small_house(disk / "usher", small.index, lock_of_tools)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        told = Clone(root, small.index).make("ready")

        assert told.returncode != 0
        assert "is read-only: copy it to a place where you may write" in told.stdout.splitlines()[-2]
        assert "Traceback" not in told.stdout


def test_what_belongs_to_another_is_told_with_the_way_to_get_it_back(tmp_path):
    told = troubles.of_the_disk(PermissionError(errno.EACCES, "denied", "/clone/.venv/bin"), tmp_path)

    assert "sudo chown" in str(told) and "/clone/.venv/bin" in str(told)
    assert troubles.of_the_disk(FileNotFoundError(errno.ENOENT, "gone", "/clone"), tmp_path) is None


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("Error: [Errno 13] Permission denied: '/clone/.venv'", "/clone"),
        ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/other/x'", "/other/x"),
        ("error: failed to create file `/clone/.venv/.lock`: Permission denied (os error 13)", "/clone"),
        ("error: Permission denied (os error 13)", "/clone"),
    ],
)
def test_what_a_program_may_not_write_is_told_with_the_way_to_get_it_back(said, path):
    told = troubles.cure(said, Path("/clone"), "requirements.lock")

    assert told == troubles.NOT_YOURS.format(path=path)


def test_a_connection_that_is_forbidden_is_the_networks_trouble():
    said = "NewConnectionError: Failed to establish a new connection: [Errno 13] Permission denied"

    assert "cannot be reached" in troubles.cure(said, Path("/clone"), "requirements.lock")
