"""A program whose session is cut off, at whatever moment: nothing of it is left."""

import asyncio
import inspect
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_runtime.sandbox.launches import Beside, Launch
from mcp_runtime.sandbox.processes import kill_tree, tree
from mcp_runtime.sandbox.runs import outcome
from mcp_runtime.transports.stdio import BoundedStdio
from tests.support.ending import gone

STARTS_ANOTHER = "import subprocess; subprocess.run(['/bin/sleep', '600'], start_new_session=True)"


@contextmanager
def running(code: str, beside: Beside | None = None) -> Iterator[Launch]:
    yield Launch([sys.executable, "-I", "-S", "-c", code], {}, (), 256 << 20, beside=beside)


def opened() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


async def with_children(pid: int, number: int = 2) -> list[int]:
    """The process and what it has started, once there are so many of them."""
    async with asyncio.timeout(30):
        while len(found := list(tree(pid))) < number:
            await asyncio.sleep(0.01)
    return found


async def test_who_is_cut_off_a_second_time_while_a_program_ends_leaves_nothing_of_it() -> None:
    transport, opened = BoundedStdio(lambda: running(STARTS_ANOTHER), grace=600.0), asyncio.Event()

    async def hold() -> None:
        async with transport:
            opened.set()
            await asyncio.sleep(600)

    holding = asyncio.create_task(hold())
    await opened.wait()
    there = await with_children(transport.pid or 0)
    for _ in range(2):
        holding.cancel()
        for _ in range(20):
            await asyncio.sleep(0)
    await asyncio.wait({holding})
    await gone(*there)


@pytest.mark.parametrize("run", ["held", "to its end"])
async def test_who_is_cut_off_while_a_program_is_opened_leaves_nothing_of_it(
    run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids: list[int] = []
    there: list[int] = []

    def slowly(real: Any) -> Any:
        async def opened(*given: Any, **options: Any) -> Any:
            process = await real(*given, **options)
            pids.append(process.pid)
            there.extend(await with_children(process.pid))
            opening.cancel()
            await asyncio.sleep(0)
            return process

        return opened

    monkeypatch.setattr(anyio, "open_process", slowly(anyio.open_process))
    monkeypatch.setattr(asyncio, "create_subprocess_exec", slowly(asyncio.create_subprocess_exec))

    async def hold() -> None:
        async with BoundedStdio(lambda: running(STARTS_ANOTHER)):
            raise AssertionError("it was cut off")

    act = hold() if run == "held" else outcome(lambda: running(STARTS_ANOTHER), 600.0)
    opening = asyncio.ensure_future(act)
    await asyncio.wait({opening})
    assert opening.cancelled() and len(there) == 2
    await gone(*there)
    assert os.getpid() not in there


LEFT = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    print(os.getpid(), file=sys.stderr, flush=True)
    time.sleep(600)
print('{"jsonrpc": "2.0", "method": "begun"}', flush=True)
"""


async def test_whoever_holds_its_pipes_on_without_a_sandbox_keeps_none_of_our_descriptors() -> None:
    before, transport = opened(), BoundedStdio(lambda: running(LEFT))
    async with transport as (read, _):
        await read.receive()
        async with asyncio.timeout(30):
            while not transport.stderr.endswith(b"\n"):
                await asyncio.sleep(0.01)
    os.kill(left := int(transport.stderr), 0)
    try:
        await asyncio.sleep(0)
        assert opened() <= before
    finally:
        os.kill(left, signal.SIGKILL)


def test_generations_of_processes_are_ended_however_many_there_are() -> None:
    code = (
        "import os\nfor _ in range(60):\n    if child := os.fork(): os.waitpid(child, 0)\nimport time; time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", code], start_new_session=True) as first:
        before = sys.getrecursionlimit()
        try:
            while len(list(tree(first.pid))) < 61:
                time.sleep(0.05)
            sys.setrecursionlimit(len(inspect.stack(0)) + 50)
            kill_tree(first.pid)
        finally:
            sys.setrecursionlimit(before)
            first.kill()


@pytest.mark.parametrize("run", ["held", "to its end"])
async def test_why_a_program_did_not_start_as_it_should_is_in_the_log(
    run: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails() -> None:
        raise OSError("the sandbox ended before it had a way out")

    if run == "held":
        transport = BoundedStdio(lambda: running("input()", fails))
        async with transport as (read, _):
            with pytest.raises(anyio.EndOfStream):
                await read.receive()
        assert transport.why == "its program did not start as it should"
    else:
        assert await outcome(lambda: running("print(1)", fails), 60.0) == (0, "1")
    assert "before it had a way out" in caplog.text


async def test_what_goes_on_beside_a_program_begins_also_where_that_has_ended_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For it is that which takes away its folder and its control group."""
    taken_away, real = asyncio.Event(), asyncio.create_subprocess_exec

    async def slowly(*given: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await real(*given, **options)
        await process.wait()
        while process.stdout is not None and not process.stdout._eof:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
        return process

    async def beside() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            taken_away.set()

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slowly)
    assert await outcome(lambda: running("print(1)", beside), 60.0) == (0, "1")
    assert taken_away.is_set()
