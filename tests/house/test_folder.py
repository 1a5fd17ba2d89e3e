"""Who has a playground's folder: told by locks, which end with the processes that hold them."""

import subprocess
import sys
from pathlib import Path

import pytest

from playground import folder
from playground.folder import Running, held
from playground.trouble import CannotStart

SLEEPS = "import time; print('here', flush=True); time.sleep(600)"


def test_a_folder_is_one_playgrounds_and_free_again_after_it(tmp_path: Path) -> None:
    with held(tmp_path / "try"), pytest.raises(Running), held(tmp_path / "try"):
        pass

    with held(tmp_path / "try"):
        assert (tmp_path / "try").stat().st_mode & 0o777 == 0o700


def test_two_folders_do_not_know_of_each_other(tmp_path: Path) -> None:
    with held(tmp_path / "one"), held(tmp_path / "other"):
        pass


def test_a_killed_launcher_leaves_no_lock_behind(tmp_path: Path) -> None:
    program = f"""if True:
        from pathlib import Path
        from playground.folder import held
        with held(Path({str(tmp_path)!r})):
            {SLEEPS}"""
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout and holder.stdout.readline() == b"here\n"
        with pytest.raises(Running), held(tmp_path):
            pass
        holder.kill()
        holder.wait(60)
    with held(tmp_path):
        pass


def test_parts_that_outlive_their_launcher_are_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PARTS_END_WITHIN", 0.0)
    with held(tmp_path) as lifeline:
        part = subprocess.Popen([sys.executable, "-c", SLEEPS], stdout=subprocess.PIPE, pass_fds=(lifeline,))
    with part:
        assert part.stdout and part.stdout.readline() == b"here\n"
        with pytest.raises(CannotStart, match=rf"do not end: python\S* -c .*\(process {part.pid}\)"), held(tmp_path):
            pass
        part.kill()
        part.wait(60)
    with held(tmp_path):
        pass
