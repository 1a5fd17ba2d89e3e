"""That a test may have Usher's command forked, since that comes to the same as a real start."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

COMMAND = [sys.executable, "-m", "app"]
ENV = {"PATH": os.environ["PATH"], "GEMINI_API_KEY": "kept in the variables alone", "SLACK_BOT_TOKEN": "xapp-wrong"}


def _told(folder: Path, *arguments: str, **more: str) -> tuple[int, bytes, bytes]:
    told = subprocess.run([*COMMAND, *arguments], cwd=folder, env=ENV | more, capture_output=True, check=False)
    return told.returncode, told.stdout, told.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["migrate"]])
def test_a_forked_start_says_what_a_real_one_says_and_ends_like_it(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=mysql://of-this-folder\n")

    real = _told(tmp_path, *arguments, TZ="UTC")  # the interpreter itself reads it
    fork = _told(tmp_path, *arguments)

    assert fork == real and real[0] == 2 and real[2]


def test_what_was_forked_is_a_child_of_the_test_that_can_be_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")  # it waits until somebody writes there
    with subprocess.Popen([*COMMAND, "migrate"], cwd=tmp_path, env=ENV, stderr=subprocess.PIPE) as child:
        assert child.stderr
        seen = psutil.Process(child.pid)
        assert seen.ppid() == os.getpid() and "tests.support.forked_interpreter" in seen.cmdline()
        child.kill()

        assert child.wait(60) == -signal.SIGKILL
        assert child.stderr.read() == b"", "nobody else holds its output"


def test_a_start_with_another_product_before_it_is_real(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('another')\n")

    assert _told(tmp_path)[:2] == (0, b"another\n")
    assert _told(tmp_path.parent, PYTHONPATH=str(tmp_path))[:2] == (0, b"another\n")
