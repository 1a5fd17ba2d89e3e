"""``make`` on machines as they are: no pip, too old a Python, half-made and moved folders, settings that mislead."""

import ast
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.install.aged_index import wheel
from tests.install.clones import ROOT, UV, Clone, path_of_tools, small_house
from tests.install.conftest import AWKWARD
from tests.install.pips import NEWEST, folder_of
from tests.install.pythons import base, made_old, too_old_ones, without_ensurepip

ENTRANCE = ROOT / "deploy" / "bootstrap" / "__main__.py"
INSTALLING = "Installing Usher"


def test_without_any_pip_the_package_to_install_is_named_and_nothing_is_begun(small, tmp_path):
    python = without_ensurepip(tmp_path / "debian")

    told = small.make("ready", PYTHON=str(python), PATH=str(path_of_tools(tmp_path / "tools")))

    assert told.returncode != 0
    assert "sudo apt install python3." in told.stdout and "-venv" in told.stdout
    assert "Traceback" not in told.stdout and len(told.stdout.splitlines()) == 3
    assert not small.is_there


def test_the_systems_newer_pip_installs_where_python_has_no_ensurepip(small, tmp_path):
    python = without_ensurepip(tmp_path / "debian", folder_of(NEWEST))

    told = small.make("ready", PYTHON=str(python), PATH=str(path_of_tools(tmp_path / "tools")))

    assert told.returncode == 0, told.stdout
    assert not list((small.root / ".venv").glob("lib/*/site-packages/pip"))
    assert small.says() == "Usher runs\n"
    # The second step finds the same way as the first.
    assert small.make("ready-for-tests", PYTHON=str(python), PATH="/usr/bin:/bin").returncode == 0


def test_too_old_a_python_is_told_with_the_cure(small, tmp_path):
    tools = path_of_tools(tmp_path / "tools")
    made_old(tools)

    told = small.make("install", PATH=str(tools))

    assert told.returncode != 0
    [sentence, *of_make] = told.stdout.splitlines()
    assert "needs Python 3.11 or later; this is Python 3.9.1" in sentence and "sudo apt install python3" in sentence
    assert len(of_make) == 1 and not small.is_there


def test_a_newer_python_on_the_path_is_taken_instead_and_said(small, tmp_path):
    tools = path_of_tools(tmp_path / "tools")
    made_old(tools)
    broken = tools / "python3.13"
    broken.write_text("#!/bin/sh\necho 'no such version' >&2\nexit 127\n")
    broken.chmod(0o755)
    (tools / "python3.12").symlink_to(base())

    told = small.make("ready", PATH=str(tools))

    assert told.returncode == 0, told.stdout
    assert "this is Python 3.9.1" in told.stdout and f"going on with {tools / 'python3.12'}" in told.stdout
    assert small.says() == "Usher runs\n"
    others = path_of_tools(tmp_path / "others")
    made_old(others)
    again = small.make("ready", PATH=str(others))
    assert (again.returncode, again.stdout) == (0, ""), "the environment's own Python does"


def test_a_command_python3_that_does_not_start_is_passed_over(small, tmp_path):
    """As a version manager's is, for a version that it has not."""
    small.variables = quick_machine(tmp_path)
    (tmp_path / "debian/bin/python3").rename(tmp_path / "debian/bin/python3.12")
    broken = path_of_tools(tmp_path / "tools") / "python3"
    broken.write_text("#!/bin/sh\necho 'no such version' >&2\nexit 127\n")
    broken.chmod(0o755)

    told = small.make("ready", PATH=f"{tmp_path / 'tools'}:{tmp_path / 'debian/bin'}")

    assert told.returncode == 0, told.stdout
    assert "no such version" not in told.stdout
    assert small.says() == "Usher runs\n"


def test_a_named_python_that_is_too_old_is_not_replaced_behind_ones_back(small, tmp_path):
    tools = path_of_tools(tmp_path / "tools")
    (tools / "python3").symlink_to(base())

    told = small.make("ready", PATH=str(tools), PYTHON=str(made_old(tmp_path / "old")))

    assert told.returncode != 0
    assert f"Try PYTHON={tools / 'python3'}" in told.stdout
    assert not small.is_there


def test_without_any_python_there_is_one_sentence_too(small, tmp_path):
    told = small.make("install", PATH=str(path_of_tools(tmp_path / "tools")))

    assert told.returncode != 0
    assert "Usher needs Python 3.11 or later, and there is none here" in told.stdout
    assert len(told.stdout.splitlines()) == 2


@pytest.mark.parametrize("python", too_old_ones(), ids=lambda path: path.parents[1].name)
def test_real_old_pythons_can_read_the_entrance(python, tmp_path):
    entrance = shutil.copytree(ENTRANCE.parent, tmp_path / "deploy" / "bootstrap")

    done = subprocess.run([python, entrance, "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("Usher needs Python 3.11 or later; this is Python")
    assert len(done.stderr.splitlines()) == 1


def test_the_entrance_is_written_in_words_that_every_python_knows():
    source = ENTRANCE.read_text()
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Match, ast.Nonlocal, ast.YieldFrom)

    tree = ast.parse(source, feature_version=(3, 4))

    assert source.isascii()
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    assert functions and not [each for each in functions if each.returns or each.args.kwonlyargs]
    assert not [each for each in ast.walk(tree) if isinstance(each, new)]


def quick_machine(folder: Path) -> dict[str, str]:
    """A Python without pip and uv beside it: the quickest way to an environment, where the way is all one."""
    python = without_ensurepip(folder / "debian")
    (python.parent / "uv").symlink_to(UV)
    return {"PATH": f"{python.parent}:/usr/bin:/bin"}


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


def test_file_times_alone_change_nothing(installed):
    assert installed.make("ready").returncode == 0
    for name in ("requirements.lock", "pyproject.toml"):
        os.utime(installed.root / name)

    again = installed.make("ready")

    assert (again.returncode, again.stdout) == (0, "")


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_an_interrupted_first_run_is_made_good_by_the_second(signal_number, small):
    process = subprocess.Popen(
        [base(), "deploy/bootstrap", "run"],
        cwd=small.root,
        env=small.machine(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    until = time.monotonic() + 60
    while not (small.root / ".venv" / "bin").exists() and time.monotonic() < until:
        os.sched_yield()
    os.killpg(process.pid, signal_number)
    _, errors = process.communicate()
    assert process.returncode in (130, -signal.SIGKILL)
    assert "Traceback" not in errors

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


def test_a_persons_own_settings_do_not_lead_it_astray(small, tmp_path):
    wheel(tmp_path / "elsewhere", "library", "1.0")
    unpacked = tmp_path / "seen from outside"
    shutil.unpack_archive(tmp_path / "elsewhere/library/library-1.0-py3-none-any.whl", unpacked, "zip")
    (tmp_path / "pip.conf").write_text("[global]\nuser = true\nno-binary = :all:\nconstraint = /no/such/file\n")

    told = small.make(
        "ready",
        PIP_CONFIG_FILE=str(tmp_path / "pip.conf"),
        PIP_TARGET=str(tmp_path / "target"),
        PYTHONPATH=str(unpacked),
        VIRTUAL_ENV=str(tmp_path),
    )

    assert told.returncode == 0, told.stdout
    assert not (tmp_path / "target").exists()
    assert small.says("env -u PYTHONPATH .venv/bin/usher") == "Usher runs\n"


def test_an_active_environment_can_renew_itself(installed):
    assert installed.make("ready").returncode == 0
    half_made(installed)

    told = installed.make("ready", PATH=f"{installed.root / '.venv/bin'}:{installed.variables['PATH']}")

    assert told.returncode == 0, told.stdout
    assert not (installed.root / ".venv/bin/python").resolve().is_relative_to(installed.root)
    assert installed.says() == "Usher runs\n"


def test_a_path_in_which_no_program_could_start_is_refused(small):
    small.root = small.root.rename(small.root.parent / 'a "quoted" folder')

    told = small.make("ready")

    assert told.returncode != 0
    assert """holds '"', with which no program in it starts: rename it""" in told.stdout
    assert not small.is_there


def test_help_names_every_target_that_there_is_for_people(small):
    told = small.make("help").stdout
    makefile = (small.root / "Makefile").read_text()
    [phony] = [line for line in makefile.splitlines() if line.startswith(".PHONY:")]
    targets = set(phony.split()[1:]) - {"help", "ready", "ready-for-tests"}

    assert {line.split()[1] for line in told.splitlines() if line.startswith("make ")} == targets
    assert small.make().stdout == told


def test_clean_takes_away_what_was_made_and_no_more(small, tmp_path):
    small.variables = quick_machine(tmp_path)
    assert small.make("ready").returncode == 0
    kept = {"usher.db", ".env", "secret.key"}
    for name in kept:
        (small.root / name).write_text("")

    assert small.make("clean").returncode == 0

    left = {path.name for path in small.root.iterdir()}
    assert kept <= left and not left & {".venv", "usher.egg-info"}
