"""``make`` on machines as they are: no pip, too old a Python or none, settings of one's own that mislead."""

import ast
import shutil
import subprocess
import sys

import pytest

from tests.install.aged_index import wheel
from tests.install.clones import ROOT, UV, path_of_tools, quick_machine
from tests.install.pips import NEWEST, folder_of
from tests.install.pythons import base, made_old, too_old_ones, without_ensurepip

ENTRANCE = ROOT / "deploy" / "bootstrap" / "__main__.py"


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
    (tools / "python3.12").symlink_to(without_ensurepip(tmp_path / "debian"))
    (tools / "uv").symlink_to(UV)

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


def test_a_named_python_that_is_none_is_told_by_its_name(small):
    told = small.make("install", PYTHON="python3 -X dev")

    assert told.returncode != 0
    assert "no program “python3 -X dev”" in told.stdout and "without options" in told.stdout
    assert len(told.stdout.splitlines()) == 2 and not small.is_there


@pytest.mark.parametrize("where", ["in the command", "in the environment"])
def test_an_empty_name_is_none(small, tmp_path, where):
    small.variables = quick_machine(tmp_path)

    told = small.make("ready", "PYTHON=") if where == "in the command" else small.make("ready", PYTHON="")

    assert told.returncode == 0, told.stdout
    assert small.is_there


NONE_OLD = pytest.param(None, id="none", marks=pytest.mark.skip("no older Python is on this machine"))
OLD_ONES = [pytest.param(path, id=path.parents[1].name) for path in too_old_ones()]


@pytest.mark.parametrize("python", OLD_ONES or [NONE_OLD])
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


def test_a_persons_own_settings_do_not_lead_it_astray(small, tmp_path):
    wheel(tmp_path / "elsewhere", "library", "1.0")
    unpacked = tmp_path / "seen from outside"
    shutil.unpack_archive(tmp_path / "elsewhere/library/library-1.0-py3-none-any.whl", unpacked, "zip")
    (tmp_path / "pip.conf").write_text(
        "[global]\nuser = true\nno-binary = :all:\nconstraint = /no/such/file\ndry-run = true\nrequire-hashes = true\n"
    )

    told = small.make(
        "ready",
        PIP_CONFIG_FILE=str(tmp_path / "pip.conf"),
        PIP_DRY_RUN="1",
        PIP_PYTHON=sys.executable,
        PIP_REPORT=str(tmp_path / "no such folder" / "report"),
        PIP_REQUIRE_HASHES="1",
        PIP_TARGET=str(tmp_path / "target"),
        PYTHONPATH=str(unpacked),
        VIRTUAL_ENV=str(tmp_path),
    )

    assert told.returncode == 0, told.stdout
    assert not (tmp_path / "target").exists()
    assert small.says("env -u PYTHONPATH .venv/bin/usher") == "Usher runs\n"


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
    targets = set(phony.split()[1:]) - {"help", "ready", "ready-for-tests", "tests-compiled"}

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
