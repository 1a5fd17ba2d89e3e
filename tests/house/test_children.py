"""How `usher try` looks after its child processes."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from playground.children import Child

SLEEPS = "import time; print('here', flush=True); time.sleep(600)"


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    child, first = await _at_work(tmp_path)
    os.kill(first, 9)

    await _until(lambda: child.pid not in (None, first))
    assert child.restarts == 1
    await child.stop()
    assert child.pid is None


async def test_a_child_that_cannot_be_started_again_at_the_moment_is_tried_again(tmp_path: Path) -> None:
    child, first = await _at_work(tmp_path)
    real, child._folder = child._folder, tmp_path / "nowhere"
    os.kill(first, 9)
    await _until(lambda: child.restarts >= 2)
    assert child.pid is None and "cannot be started" in child.said_last()

    child._folder = real
    await _until(lambda: child.pid is not None)
    await child.stop()


async def test_a_child_that_dies_before_it_ever_worked_is_a_start_that_failed(tmp_path: Path) -> None:
    child = _child(tmp_path, "raise SystemExit('no such module')")
    await child.start()

    async with asyncio.timeout(60):
        assert await child.ended == 1
    assert (child.restarts, child.said_last()) == (0, "no such module")
    await child.stop()


async def test_a_child_whose_settings_are_wrong_is_not_started_again(tmp_path: Path) -> None:
    child = _child(tmp_path, "import sys; print('PORT is wrong'); sys.exit(2)")
    await child.start()
    child.came_up()

    async with asyncio.timeout(60):
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


async def test_a_kill_takes_what_the_child_has_started_too(tmp_path: Path) -> None:
    child = _child(tmp_path, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPS!r}])")
    await child.start()
    await _until(lambda: child.said_last() == "here")
    pipe_is_closed = _end_of_all(child)

    child.kill()

    await pipe_is_closed
    await child.stop()


def _end_of_all(child: Child) -> "asyncio.Future[None]":
    """Done when no process of the child's session is left."""
    assert child.pid

    async def watch(group: int) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    os.killpg(group, 0)
                except ProcessLookupError:
                    return
                await asyncio.sleep(0.01)

    return asyncio.ensure_future(watch(child.pid))


def test_on_a_leash_a_program_ends_with_whoever_started_it() -> None:
    leash = _leashed(SLEEPS)
    assert leash.stdin and leash.stdout and leash.stdout.readline() == b"here\n"

    leash.stdin.close()  # as the kernel does when its owner dies

    assert leash.wait(60) == 128 + signal.SIGTERM
    leash.stdout.close()


def test_a_leash_passes_on_the_exit_code_and_the_wish_to_end() -> None:
    wrong = _leashed("import sys; sys.exit(2)")
    assert wrong.wait(60) == 2
    polite = _leashed("import signal, sys; signal.signal(15, lambda *_: sys.exit(0));" + SLEEPS)
    assert polite.stdout and polite.stdout.readline() == b"here\n"
    polite.terminate()
    assert polite.wait(60) == 0
    for each in (wrong, polite):
        assert each.stdin and each.stdout
        each.stdin.close()
        each.stdout.close()


def test_who_ends_a_leash_while_it_starts_the_program_ends_both() -> None:
    starts = f"""if True:
        import os, signal, subprocess, sys
        from playground import leash
        real = subprocess.Popen
        def asked_meanwhile(command, **more):
            begun = real(command, **more)
            os.kill(os.getpid(), signal.SIGTERM)
            return begun
        subprocess.Popen, sys.argv = asked_meanwhile, ["leash", sys.executable, "-c", {SLEEPS!r}]
        sys.exit(leash.main())"""
    leash = subprocess.Popen([sys.executable, "-c", starts], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert leash.wait(60) == 128 + signal.SIGTERM
        assert leash.stdout and leash.stdout.read() in (b"", b"here\n"), "nobody is left who holds it"
    finally:
        leash.communicate()


def _leashed(program: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "playground.leash", sys.executable, "-c", program]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _child(folder: Path, program: str) -> Child:
    return Child("child", [sys.executable, "-c", program], dict(os.environ), folder, folder / "child.log")


async def _at_work(folder: Path) -> tuple[Child, int]:
    child = _child(folder, SLEEPS)
    await child.start()
    child.came_up()
    assert child.pid
    return child, child.pid


async def _until(found) -> None:
    """The child is another process: looking is the only way to know."""
    async with asyncio.timeout(60):
        while not found():
            await asyncio.sleep(0.01)
