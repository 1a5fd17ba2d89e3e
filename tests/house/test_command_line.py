"""The words after `usher`: help that is true and quick, a version, and the nearest word where one is not known."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import app
from storage.migrations import revisions

ROOT = Path(__file__).parents[2]
HEAVY = ("sqlalchemy", "aiohttp", "pydantic", "slack_sdk", "mcp", "google.genai", "alembic")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = app.run(words)
    told = capsys.readouterr()
    return code, told.out + told.err


@pytest.mark.parametrize("word", ["--version", "-V", "version"])
def test_the_version_says_what_is_needed_to_ask_for_help(capsys, word):
    python = ".".join(map(str, sys.version_info[:3]))

    assert said(capsys, word) == (0, f"usher {version('usher')} (Python {python}, database {revisions()[-1]})\n")


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_has_a_line_for_every_command(capsys, word):
    code, told = said(capsys, word)

    assert code == 0
    for command in app.COMMANDS:
        assert f"  usher {command.name}".rstrip() in told and command.does in told
    assert max(map(len, told.splitlines())) <= 120


@pytest.mark.parametrize("command", [each.name for each in app.COMMANDS if each.name])
def test_every_command_has_short_help_of_its_own(capsys, command):
    code, told = said(capsys, command, "--help")

    assert code == 0 and said(capsys, "help", command) == (0, told)
    assert told.startswith(f"usage: usher {command}") and len(told.splitlines()) < 25


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["doctr"], "usher: there is no command “doctr”. Did you mean `usher doctor`?"),
        (["migrat"], "Did you mean `usher migrate`?"),
        (["help", "docter"], "Did you mean `usher doctor`?"),
        (["dance"], "There are: try, doctor, slack, migrate"),
        (["--versoin"], "usher: there is no option --versoin. Did you mean `usher --version`?"),
        (["doctor", "--jsno"], "usher doctor: there is no option --jsno. Did you mean `--json`?"),
        (["doctor", "--js"], "Did you mean `--json`?"),
        (["doctor", "--json=yes"], "usher doctor: argument --json"),
        (["slack", "update", "--dryrun"], "Did you mean `--dry-run`?"),
        (["slack"], "usher slack: the following arguments are required: create | update."),
        (["migrate", "now"], "usher migrate takes no “now”."),
    ],
)
def test_what_is_not_known_names_the_nearest_and_ends_with_2(capsys, words, answer):
    code, told = said(capsys, *words)

    assert code == 2
    assert answer in told and "`usher help`" in told and "Traceback" not in told


@pytest.mark.parametrize("words", [["help"], ["--version"], ["doctor", "--help"], ["migrate", "--help"], ["dance"]])
def test_whoever_asks_for_help_does_not_wait_for_all_of_it(words):
    program = f"import app, sys; app.run({words!r}); print(*[name for name in {HEAVY!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert told.splitlines()[-1] == ""


def test_nothing_of_the_process_is_left_in_a_core_dump():
    ends = "import app, os, resource, sys; os._exit = lambda _: print(resource.getrlimit(resource.RLIMIT_CORE))"
    source = f"{ends}; sys.argv = ['usher', 'version']; app.main()"

    told = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.splitlines()[-1] == "(0, 0)"
