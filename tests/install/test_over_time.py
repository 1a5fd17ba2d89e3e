"""Years from now: every package has a newer release, and the lock files still install, with any pip there is."""

import subprocess
from pathlib import Path

import pytest

from bootstrap import environment
from tests.install.aged_index import NEWER, PIN
from tests.install.clones import UV, Clone
from tests.install.pips import MENDED, OLDEST, PINS, WITH_PYTHON_311, folder_of
from tests.install.pythons import base, others, without_ensurepip

LOCK, TESTS = "requirements.lock", "requirements-dev.lock"
OURS = "the tests' own"
PYTHONS = {OURS: base(), **dict(sorted(others())[-1:])}
"""This one, and the newest other of this machine."""


def made_with(pip: str, folder: Path) -> Path:
    """An environment in a path with a space whose pip is this one."""
    place = folder / "a folder" / ".venv"
    subprocess.run([base(), "-m", "venv", "--without-pip", place], check=True)
    [packages] = place.glob("lib/python3*/site-packages")
    (packages / "pip.pth").write_text(f"{folder_of(pip)}\n")
    return place


def in_the(index: Path, folder: Path, patched: pytest.MonkeyPatch) -> None:
    settings = {"PIP_INDEX_URL": index.as_uri(), "PIP_CONFIG_FILE": "/dev/null", "HOME": str(folder)}
    for name, value in {**settings, "PIP_NO_CACHE_DIR": "1"}.items():
        patched.setenv(name, value)
    patched.delenv("PIP_FIND_LINKS", raising=False)


def versions_in(place: Path) -> dict[str, str]:
    names = [path.name.removesuffix(".dist-info") for path in place.glob("lib/python3*/site-packages/*.dist-info")]
    return {name: version for name, _, version in (name.rpartition("-") for name in names) if name != "pip"}


def pinned(lock: str) -> set[str]:
    return {version for _, version, _ in PIN.findall(lock)}


@pytest.mark.parametrize("pip", PINS)
def test_what_is_locked_is_installed_whatever_has_come_out_since(pip, tmp_path, index, aged_locks, monkeypatch):
    (tmp_path / LOCK).write_text(aged_locks[LOCK])
    in_the(index, tmp_path, monkeypatch)
    place = made_with(pip, tmp_path)

    environment.installer(place).locked(tmp_path / LOCK, tmp_path)

    found = versions_in(place)
    assert len(found) >= 60
    assert set(found.values()) <= pinned(aged_locks[LOCK])
    found_in_it = environment.look_into(place, "mcp")
    assert found_in_it is not None and found_in_it.lacking == ()


@pytest.mark.parametrize("pip", [OLDEST, WITH_PYTHON_311])
def test_an_install_that_resolves_breaks_in_the_same_world(pip, tmp_path, index, aged_locks, monkeypatch):
    """So the test above can fail: pips before 23.3 look for the newest of a package with extras, which has no hash."""
    assert tuple(map(int, pip.split(".")[:2])) < MENDED
    (tmp_path / LOCK).write_text(aged_locks[LOCK])
    in_the(index, tmp_path, monkeypatch)
    place = made_with(pip, tmp_path)
    command = [place / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]

    done = subprocess.run(
        [*command, "--require-hashes", "-r", tmp_path / LOCK], capture_output=True, text=True, cwd=tmp_path
    )

    assert done.returncode == 1
    assert "all requirements must have their versions pinned" in done.stderr
    assert f"-{NEWER}-py3-none-any.whl" in done.stderr


def only_what_is_locked(clone: Clone, *locks: str) -> dict[str, str]:
    found = versions_in(clone.root / ".venv")
    assert found.pop("usher") == "0.1.0"
    assert set(found.values()) <= pinned("".join((clone.root / lock).read_text() for lock in locks))
    return found


@pytest.mark.timeout(300)  # It compiles whole installations, for which a busy machine takes its time.
@pytest.mark.parametrize("python", PYTHONS)
def test_make_install_goes_all_the_way_on_this_python_and_the_newest(python, clone):
    told = clone.make("install", PYTHON=str(PYTHONS[python]))

    assert told.returncode == 0, told.stdout
    assert ".venv/bin/usher doctor" in told.stdout
    below = only_what_is_locked(clone, LOCK)
    if python == OURS:
        told = clone.make("ready-for-tests")
        assert told.returncode == 0, told.stdout
        assert "what the tests need" in told.stdout
        on_top = only_what_is_locked(clone, LOCK, TESTS)
        assert below.items() < on_top.items() and "pytest" in on_top
    again = clone.make("ready", PYTHON=str(PYTHONS[python]))
    assert (again.returncode, again.stdout) == (0, "")


def test_uv_installs_the_same_where_python_has_no_pip(clone, tmp_path):
    python = without_ensurepip(tmp_path / "debian")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "uv").symlink_to(UV)

    told = clone.make("ready", PYTHON=str(python), PATH=f"{tmp_path / 'tools'}:/usr/bin:/bin")

    assert told.returncode == 0, told.stdout
    assert only_what_is_locked(clone, LOCK)
