"""The same command once more: while it runs, after its end, after a kill, and where it cannot be had."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.house import ROOT, House, stopped
from tests.support.ports import free_port
from tests.support.requirements import require

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ALREADY = re.compile(r"Usher is already running at (http://127\.0\.0\.1:\d+/\?token=\S+)")
NOBODY = 65534


@pytest.fixture(scope="module")
def running_house() -> Iterator[House]:
    """For those that change nothing of it; its folder was there before, and others may enter it."""
    where = Path(tempfile.mkdtemp(dir="/tmp"))
    where.chmod(0o755)
    try:
        (folder := where / "try").mkdir()
        folder.chmod(0o755)
        house = House(folder, "running-house")
        house.start()
        yield house
        house.stop()
    finally:
        shutil.rmtree(where)


def test_while_it_runs_the_command_says_where_and_changes_nothing(running_house: House) -> None:
    before = running_house.kept

    for options in ((), ("--port", str(free_port()))):
        again = running_house.once_more(*options)
        assert (again.returncode, again.stderr) == (0, "")
        assert ALREADY.findall(again.stdout) == [running_house.url]

    assert running_house.kept == before
    assert urllib.request.urlopen(running_house.usher_url + "/readyz").status == 200  # noqa: S310


def test_the_address_is_told_while_the_first_is_still_starting(empty_house: House) -> None:
    empty_house.begin()
    empty_house.until_it_has_the_folder()

    again = empty_house.once_more()
    empty_house.until_ready()

    assert again.returncode == 0
    assert ALREADY.findall(again.stdout) == [empty_house.url]


def test_to_begin_anew_is_refused_while_it_runs(running_house: House) -> None:
    before = {path.name for path in running_house.folder.iterdir()}

    again = running_house.once_more("--fresh")

    assert again.returncode == 1
    assert "nothing was deleted" in again.stderr and "Ctrl-C" in again.stderr
    assert {path.name for path in running_house.folder.iterdir()} >= before
    assert urllib.request.urlopen(running_house.usher_url + "/readyz").status == 200  # noqa: S310


def test_after_a_kill_it_starts_again_where_it_was(house: House) -> None:
    before, url, usher, notes = house.kept, house.url, house.usher(), house.notes()
    with stopped(notes):  # it has its port until it may end
        house.kill()

        house.begin()
        house.until_it_has_the_folder()
    house.until_ready()

    assert (house.kept, house.url) == (before, url)
    usher.wait(60)
    notes.wait(60)


def test_a_kept_port_that_another_program_has_is_told_and_nothing_is_replaced(empty_house: House) -> None:
    empty_house.take_ports()
    before, port = empty_house.kept, empty_house.port("usher")
    with socket.create_server(("127.0.0.1", port)):
        again = empty_house.once_more()

    assert again.returncode == 1
    assert f"Port {port}, where Usher should be" in again.stderr
    assert f"(process {os.getpid()})" in again.stderr and "--fresh" in again.stderr
    assert empty_house.kept == before


def test_a_port_asked_for_that_is_taken_is_told(empty_house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = empty_house.once_more("--port", str(port))

    assert told.returncode == 1
    assert f"Port {port}, where the page should be" in told.stderr
    assert not (empty_house.folder / "playground.json").exists()


def test_nothing_is_forgotten_for_a_port_that_cannot_be_had(empty_house: House) -> None:
    empty_house.take_ports()
    before = empty_house.kept
    with socket.create_server(("127.0.0.1", 0)) as other:
        told = empty_house.once_more("--fresh", "--port", str(other.getsockname()[1]))

    assert told.returncode == 1
    assert empty_house.kept == before


def test_what_is_damaged_is_told_with_the_cure(empty_house: House) -> None:
    empty_house.take_ports()
    (empty_house.folder / "playground.json").write_text("{")

    told = empty_house.once_more()

    assert told.returncode == 1
    assert "playground.json is damaged" in told.stderr and "--fresh" in told.stderr


def test_what_it_keeps_is_for_its_owner_alone_in_a_folder_that_others_may_enter(running_house: House) -> None:
    assert running_house.folder.stat().st_mode & 0o777 == 0o755
    kept = list(running_house.folder.rglob("*"))
    assert {"slack", "slack.sqlite3", "usher.log", "notes.log"} <= {path.name for path in kept}
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("port", ["0", "70000", "-1", "eighty"])
def test_a_port_that_is_none_is_told(empty_house: House, port: str) -> None:
    told = empty_house.once_more(f"--port={port}")

    assert told.returncode == 2
    assert "a port is a number from 1 to 65535" in told.stderr
    assert not empty_house.folder.exists()


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_folder_of_another_user_is_told(running_house: House, mode: int) -> None:
    require(os.geteuid() == 0, "only root can act as another user")
    # The interpreter itself may lie where only its owner can look: it becomes another user once it runs.
    as_another = (
        f"import os, sys; from pathlib import Path; from playground.launch import main; os.seteuid({NOBODY});"
        "sys.exit(main(sys.argv[1:], Path('manifest.yml')))"
    )
    command = [sys.executable, "-c", as_another, "--state", str(running_house.folder)]
    running_house.folder.chmod(mode)
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
    running_house.folder.chmod(0o755)

    assert told.returncode == 1
    assert "belongs to another user" in told.stderr and "--state FOLDER" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "try").write_text("a letter")

    told = House(tmp_path / "try", "no-folder").once_more()

    assert told.returncode == 1
    assert "cannot be used" in told.stderr and "Traceback" not in told.stderr
    assert (tmp_path / "try").read_text() == "a letter"


def test_usher_that_does_not_start_is_told_with_the_end_of_its_log(empty_house: House) -> None:
    empty_house.take_ports()

    told = empty_house.once_more(PORT="ignored", MCP_TOOL_TIMEOUT_SECONDS="0")

    assert told.returncode == 2
    assert "Usher did not start. The end of its log" in told.stderr
    assert "MCP_TOOL_TIMEOUT_SECONDS is too small" in told.stderr


def test_notes_that_do_not_start_are_told_with_the_end_of_their_log(empty_house: House) -> None:
    empty_house.take_ports()
    (empty_house.folder / "notes.json").write_text("{")

    told = empty_house.once_more()

    assert told.returncode == 1
    assert "Notes did not start. The end of its log" in told.stderr
    assert "JSONDecodeError" in told.stderr


def test_a_second_interrupt_does_not_wait_for_what_will_not_end(tmp_path: Path) -> None:
    """Its patience is made endless, and Usher deaf: only the second one can end it."""
    house = House(tmp_path / "try", "second-interrupt")
    house.take_ports()
    endless = (
        "import sys, playground.children as children; children.PATIENCE = 600; from pathlib import Path;"
        "from playground.launch import main; sys.exit(main(sys.argv[1:], Path('manifest.yml')))"
    )
    command = [sys.executable, "-c", endless, "--state", str(house.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        _read_until(process.stdout, "Usher is ready")
        house.adopt(process)
        usher = house.usher()
        with stopped(usher):
            process.send_signal(signal.SIGINT)
            _read_until(process.stdout, "Stopping")
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
            assert not usher.is_running()


def _read_until(lines, text: str) -> None:
    assert any(text in line for line in lines), f"“{text}” was not said"
