"""A step of an installation: what a person sees while it runs, and its last words when it fails."""

import sys
from pathlib import Path

import pytest

from bootstrap import bytecode, running, troubles
from bootstrap.troubles import Trouble

PIP = "print('Collecting a', 'Processing b', '  Found link c', 'Installing collected packages: a, b', sep='\\n')"
FAILS = "import sys; print('thinking aloud'); sys.exit('ERROR: {0}')"
ASKED = "import sys; print(*sys.argv[1:]); sys.exit('ERROR: No matching distribution found for a==1')"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_on_a_terminal_it_says_how_far_it_is_and_leaves_no_line_behind(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    running.run(python(PIP), tmp_path, "requirements.lock")

    shown = capsys.readouterr().out
    assert "Package 1 …" in shown and "Package 2 …" in shown and "Putting them in place" in shown
    assert shown.endswith("\r\033[K")


def test_elsewhere_it_is_silent(tmp_path, capsys):
    running.run(python(PIP), tmp_path, "requirements.lock")

    assert capsys.readouterr() == ("", "")


def test_when_it_fails_its_errors_are_shown_and_not_its_thoughts(tmp_path, capsys):
    with pytest.raises(Trouble) as trouble:
        running.run(python(FAILS.format("DO NOT MATCH THE HASHES")), tmp_path, "requirements.lock")

    assert capsys.readouterr().err == "ERROR: DO NOT MATCH THE HASHES\n"
    assert str(trouble.value) == troubles.REPACKED


def test_what_keeps_its_reason_to_itself_is_asked_again_for_more(tmp_path, capsys):
    with pytest.raises(Trouble) as trouble:
        running.run(python(ASKED), tmp_path, "requirements.lock", more=["401 Client Error: Unauthorized"])

    assert str(trouble.value) == troubles.SIGN_IN
    assert capsys.readouterr().err.count("No matching distribution") == 1


def test_what_nobody_knows_is_said_to_be_above(tmp_path, capsys):
    with pytest.raises(Trouble, match="for the reason above; the same command begins it anew"):
        running.run(python(FAILS.format("never seen before")), tmp_path, "requirements.lock")

    assert "never seen before" in capsys.readouterr().err


def test_what_was_ended_from_outside_is_told_apart(tmp_path):
    with pytest.raises(Trouble, match="ended from outside, as when memory runs out"):
        running.run(["sh", "-c", "kill -9 $$"], tmp_path, "requirements.lock")


def test_the_products_own_files_are_compiled_whatever_one_of_them_says(tmp_path):
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/broken.py").write_text("def")
    (tmp_path / "bot/sound.py").write_text("WORD = 'said'")

    bytecode.compiled(Path(sys.executable), tmp_path)

    assert [path.name.split(".")[0] for path in (tmp_path / "bot/__pycache__").iterdir()] == ["sound"]
