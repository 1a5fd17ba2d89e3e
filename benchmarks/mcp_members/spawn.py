"""A program started, greeted and its tools listed: in the sandbox, in the reduced one, in none; beside the bare SDK."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from mcp import Client, StdioServerParameters

from benchmarks.mcp_members.usher import usher
from benchmarks.parts.report import Measured, at, main, spread
from benchmarks.processes import folder
from mcp_runtime.programs import PROGRAMS, on_host, python
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.launches import Asked, shut_in
from mcp_runtime.sandbox.probe import Level, complaint
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import StdioSpec

LEVELS = ("full", "reduced", "off")
MOST_MS = 30.0
Start = Callable[[], AbstractAsyncContextManager[None]]
"""Entered when the tools are listed; left when the program has ended."""


async def measure(quick: bool) -> Measured:
    rounds, warm = (1, 0) if quick else (20, 2)
    with folder() as where:
        async with _starts(where) as starts:
            times = await _by_turns(starts, rounds, warm)
    levels = [level for level in LEVELS if level in times]
    figures = {name: value for level in levels for name, value in spread(level, times[level]).items()}
    over = {f"{level}_over_off_p50_ms": at(0.5, times[level]) - at(0.5, times["off"]) for level in levels[:-1]}
    figures |= {name: seconds * 1000 for name, seconds in over.items()}
    ratio = {level: at(0.5, times[level]) / at(0.5, times["bare"]) for level in levels}
    return Measured(figures, spread("bare", times["bare"]), ratio, dict.fromkeys(over, MOST_MS))


async def _by_turns(starts: Mapping[str, Start], rounds: int, warm: int) -> dict[str, list[float]]:
    """So that all meet the same weather; each has ended before the next begins."""
    times: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(warm + rounds):
        for name, start in starts.items():
            begun = time.perf_counter()
            async with start():
                times[name].append(time.perf_counter() - begun)
    return {name: each[warm:] for name, each in times.items()}


@asynccontextmanager
async def _starts(where: Path) -> AsyncIterator[dict[str, Start]]:
    """Those of the levels that this machine has, and the SDK alone."""
    boxes = {"full": Sandbox(), "reduced": Sandbox(), "off": Sandbox(enabled=False)}
    boxes["reduced"]._level = Level("reduced")  # also where there is a better one
    if (await boxes["full"].probe()).name != "full":
        del boxes["full"]
    if await complaint(lambda: shut_in(python("-c", "pass"), Asked())) is not None:
        del boxes["reduced"]  # its account may not read this Python, for one
    starts: dict[str, Start] = {"bare": _bare}
    async with AsyncExitStack() as stack:
        for level, box in boxes.items():
            (where / level).mkdir()
            ours = await stack.enter_async_context(usher(where / level, sandbox=box))
            starts[level] = _tried_out(ours.pool)
        yield starts


def _tried_out(pool: Pool) -> Start:
    @asynccontextmanager
    async def start() -> AsyncIterator[None]:
        await pool.try_out(StdioSpec("time"), {}, title="Time")
        yield
        await pool._ending.over()

    return start


@asynccontextmanager
async def _bare() -> AsyncIterator[None]:
    """The SDK's own client with the same program, as its documentation shows it."""
    clock = on_host(PROGRAMS["time"], {}, ())
    program, *arguments = clock.command
    async with Client(StdioServerParameters(command=program, args=arguments, env=dict(clock.env))) as client:
        await client.list_tools()
        yield


if __name__ == "__main__":
    main("mcp_members.spawn", __doc__, measure)
