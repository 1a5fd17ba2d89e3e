"""What `usher try` keeps between runs, and how it looks after its children."""

import asyncio
import os
import socket
import stat
import sys
from pathlib import Path

from playground.children import Child
from playground.state import take_up


def test_ports_and_the_token_of_notes_are_kept(tmp_path: Path) -> None:
    first = take_up(tmp_path / "try")

    assert take_up(tmp_path / "try") == first
    assert len(set(first.ports.values())) == 4
    assert stat.S_IMODE((tmp_path / "try" / "playground.json").stat().st_mode) == 0o600


def test_a_port_that_another_program_has_is_replaced_by_a_free_one(tmp_path: Path) -> None:
    first = take_up(tmp_path)
    with socket.create_server(("127.0.0.1", first.ports["notes"])):
        second = take_up(tmp_path)

    assert second.ports["notes"] != first.ports["notes"]
    assert second.notes_token == first.notes_token
    assert {**second.ports, "notes": 0} == {**first.ports, "notes": 0}


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    child = _child(tmp_path, "import time; time.sleep(600)")
    await child.start()
    first = child.pid
    assert first
    os.kill(first, 9)

    await _until(lambda: child.pid not in (None, first))
    assert child.restarts == 1
    await child.stop()
    assert child.pid is None


async def test_a_child_whose_settings_are_wrong_is_not_started_again(tmp_path: Path) -> None:
    child = _child(tmp_path, "import sys; print('PORT is wrong'); sys.exit(2)")
    await child.start()

    async with asyncio.timeout(20):
        assert await child.ended == 2
    assert (child.restarts, child.said_last()) == (0, "PORT is wrong")
    await child.stop()


async def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    child = _child(
        tmp_path, "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    await child.start()
    await _until(lambda: child.said_last() == "deaf")

    await child.stop()

    assert child.pid is None


def _child(folder: Path, program: str) -> Child:
    return Child("child", [sys.executable, "-c", program], dict(os.environ), folder, folder / "child.log")


async def _until(found) -> None:
    """The child is another process: looking is the only way to know."""
    async with asyncio.timeout(20):
        while not found():
            await asyncio.sleep(0.01)
