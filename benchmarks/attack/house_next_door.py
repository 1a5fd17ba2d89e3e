"""Usher's pages and members in one process, in which one member's server does harm while another member works."""

import asyncio
import gc
import json
import os
import signal
import sys
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from benchmarks.attack.acks import SECRET, app
from benchmarks.mcp_members.connecting import connected
from benchmarks.parts.cost import here
from benchmarks.streaming.sidecar import serving_guests
from bot.running.loop_watch import LoopWatch
from bot.slack.edge.http_mode import routes
from mcp_runtime.errors import ServerError
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall
from storage.members import Member

HOSTILE, HONEST = Member("T0LOCAL", "UHOSTILE"), Member("T0LOCAL", "UHONEST")
BETWEEN_ATTACKS, BETWEEN_CALLS = 0.25, 0.05
"""Seconds: a model takes longer than that from one call to the next."""


async def main(database_url: str, port: int, hostile_url: str, honest_url: str, told: Path) -> None:
    running = asyncio.current_task()
    if running:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    gc.freeze()  # as the product does once all is imported
    watch, calls = LoopWatch(), list[float]()
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(
            serving_guests(database_url, port, 1, 1, "127.0.0.1", watch, routes(app(), SECRET))
        )
        await connected(served.db, served.pool, HONEST, honest_url, title=HONEST.id, tool="get")
        with suppress(ServerError):  # some harm is done before there is a connection
            await connected(served.db, served.pool, HOSTILE, hostile_url, title=HOSTILE.id, tool="get")
        await stack.enter_async_context(watch.watching())
        cost = stack.enter_context(here())
        before, begun = cost(), time.perf_counter()
        work = served.worker.run(), _attack(served.pool, hostile_url), _work(served.pool, calls), _mark_ready(told)
        try:
            await asyncio.gather(*work)
        finally:
            took, seconds = cost() - before, time.perf_counter() - begun
            a_second = {"cores_busy": took.cpu / seconds, "statements_a_s": took.statements / seconds}
            told.write_text(json.dumps({"calls": calls, "lag": watch.lag()["1"], "stalls": watch.stalls, **a_second}))
            os._exit(0)  # how it ends is not what is measured, and a server that does harm may delay that


async def _mark_ready(told: Path) -> None:
    told.with_suffix(".ready").touch()


async def _attack(pool: Pool, url: str) -> None:
    """Connected anew and called, again and again."""
    while True:
        with suppress(ServerError):
            await pool.try_out(HttpSpec(url), {}, title="Hostile", by=HOSTILE)
        await _call(pool, HOSTILE)
        await asyncio.sleep(BETWEEN_ATTACKS)


async def _work(pool: Pool, calls: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await _call(pool, HONEST)
        calls.append(time.perf_counter() - begun)
        await asyncio.sleep(BETWEEN_CALLS)


async def _call(pool: Pool, member: Member) -> None:
    toolset = await pool.toolset(member)
    for tool in toolset.tools:
        await toolset.call(ToolCall("", tool.name, {}))


if __name__ == "__main__":
    with suppress(asyncio.CancelledError):
        asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5])))
