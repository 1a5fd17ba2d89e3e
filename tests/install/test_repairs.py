"""Whatever has become of ``.venv``, the same command makes it good: half made, moved, stale, interrupted, in use."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.install.clones import Clone, quick_machine, small_house
from tests.install.conftest import AWKWARD
from tests.install.pythons import base

INSTALLING = "Installing Usher"


def half_made(clone: Clone) -> None:
    (clone.root / ".venv" / "installed.json").unlink()


def dangling(clone: Clone) -> None:
    python = clone.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/a/python/that/has/gone")


def a_package_lost(clone: Clone) -> None:
    [package] = (clone.root / ".venv").glob("lib/*/site-packages/library-*.dist-info")
    shutil.rmtree(package)


def a_file_in_its_place(clone: Clone) -> None:
    shutil.rmtree(clone.root / ".venv")
    (clone.root / ".venv").write_text("")


def folder_moved(clone: Clone) -> None:
    clone.root = clone.root.rename(clone.root.parent / "moved here")


def folder_copied(clone: Clone) -> None:
    clone.root = Path(shutil.copytree(clone.root, clone.root.parent / "a copy", symlinks=True))


def lock_changed(clone: Clone) -> None:
    lock = clone.root / "requirements.lock"
    lock.write_text(lock.read_text().replace("library==1.0", "library==1.0 ") + "# another\n")


def another_product(clone: Clone) -> None:
    project = clone.root / "pyproject.toml"
    project.write_text(project.read_text().replace('version = "0.1.0"', 'version = "0.2.0"'))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, index: Path, lock_of_tools: str) -> Clone:
    folder = tmp_path_factory.mktemp("installed")
    clone = Clone(small_house(folder / AWKWARD, index, lock_of_tools), index, quick_machine(folder))
    assert clone.make("ready").returncode == 0
    return clone


HARMS = [half_made, dangling, a_package_lost, a_file_in_its_place, folder_moved, folder_copied, lock_changed]


@pytest.mark.parametrize("harm", [*HARMS, another_product], ids=lambda harm: harm.__name__)
def test_the_same_command_repairs_what_is_broken(harm, installed):
    assert installed.make("ready").returncode == 0
    harm(installed)

    told = installed.make("ready")

    assert told.returncode == 0, told.stdout
    assert INSTALLING in told.stdout
    assert installed.says() == "Usher runs\n"
    again = installed.make("ready")
    assert (again.returncode, again.stdout) == (0, "")
    assert not (installed.root / ".venv-before").exists()


def test_the_products_own_files_are_compiled_before_a_service_that_may_not_write_starts(installed):
    compiled = installed.root / "__pycache__"
    shutil.rmtree(compiled, ignore_errors=True)

    again = installed.make("ready")

    assert (again.returncode, again.stdout) == (0, "")
    assert list(compiled.glob("app.*.pyc"))


def test_file_times_alone_change_nothing(installed):
    assert installed.make("ready").returncode == 0
    for name in ("requirements.lock", "pyproject.toml"):
        os.utime(installed.root / name)

    again = installed.make("ready")

    assert (again.returncode, again.stdout) == (0, "")


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_an_interrupted_first_run_is_made_good_by_the_second(signal_number, small, tmp_path):
    process = subprocess.Popen(
        [base(), "deploy/bootstrap", "run"],
        cwd=small.root,
        env=small.machine(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background may ignore it
        text=True,
    )
    until = time.monotonic() + 60
    while not (small.root / ".venv" / "bin").exists() and time.monotonic() < until:
        os.sched_yield()
    os.killpg(process.pid, signal_number)
    _, errors = process.communicate()
    assert process.returncode in (130, -signal.SIGKILL)
    assert "Traceback" not in errors
    small.variables = quick_machine(tmp_path)

    told = small.make("ready")

    assert told.returncode == 0, told.stdout
    assert small.says() == "Usher runs\n"


def test_one_that_worked_is_kept_when_the_new_one_cannot_be_made(small, tmp_path):
    small.variables = quick_machine(tmp_path)
    assert small.make("ready").returncode == 0
    with (small.root / "requirements.lock").open("a") as lock:
        lock.write("library==2.0 --hash=sha256:" + "0" * 64 + "\n")

    told = small.make("ready")

    assert told.returncode != 0
    assert small.says() == "Usher runs\n"
    assert not (small.root / ".venv-before").exists()


def test_two_commands_at_once_make_one_environment(small, tmp_path):
    small.variables = quick_machine(tmp_path)
    commands = [
        subprocess.Popen(
            [tmp_path / "debian/bin/python3", "deploy/bootstrap", what],
            cwd=small.root,
            env=small.machine(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for what in ("run", "tests")
    ]
    told = [each.communicate()[0] for each in commands]

    assert [each.returncode for each in commands] == [0, 0], told
    assert sum(INSTALLING in each for each in told) == 1
    assert sum("waiting for it" in each for each in told) == 1
    assert small.says() == "Usher runs\n"


def test_an_active_environment_can_renew_itself(installed):
    assert installed.make("ready").returncode == 0
    half_made(installed)

    told = installed.make("ready", PATH=f"{installed.root / '.venv/bin'}:{installed.variables['PATH']}")

    assert told.returncode == 0, told.stdout
    assert not (installed.root / ".venv/bin/python").resolve().is_relative_to(installed.root)
    assert installed.says() == "Usher runs\n"
