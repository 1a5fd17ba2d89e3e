"""Processes under measure: started, awaited, weighed, stopped."""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import psutil

from playground.children import Child

LOOK_EVERY = 0.005
START_WITHIN = 60.0


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="usher-bench-") as made:
        yield Path(made)


def plain_environment() -> dict[str, str]:
    """Without the developer's own keys, settings of Google's client, and proxies; with this package to be found."""
    own = ("GOOGLE_", "GEMINI_", "SLACK_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(own)}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[1])}


@asynccontextmanager
async def running(name: str, where: Path, *command: str, env: Mapping[str, str] | None = None) -> AsyncIterator[Child]:
    """``python -m command`` in a folder of its own, its log beside it."""
    child = Child(name, [sys.executable, "-m", *command], env or plain_environment(), where, where / f"{name}.log")
    await child.start()
    try:
        yield child
    finally:
        await child.stop()


async def answering(child: Child, url: str, *statuses: int) -> None:
    """Until a GET is answered with 200, or with one of these."""
    until = time.monotonic() + START_WITHIN
    async with aiohttp.ClientSession() as session:
        while await _status(session, url) not in (statuses or (200,)):
            if child.restarts or child.ended.done() or time.monotonic() > until:
                raise RuntimeError(f"{child.name} does not start:\n{child.said_last()}")
            await asyncio.sleep(LOOK_EVERY)


async def _status(session: aiohttp.ClientSession, url: str) -> int:
    try:
        async with session.get(url) as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


def weight(pid: int | None) -> tuple[int, int]:
    """Bytes resident, and the same with shared pages divided among those who share them."""
    told = psutil.Process(pid).memory_full_info()
    return told.rss, getattr(told, "pss", told.rss)


def cpu_seconds(pid: int | None) -> float:
    told = psutil.Process(pid).cpu_times()
    return float(told.user + told.system)


def many_files(wanted: int = 12_000) -> int:
    """Let this process, and those it starts, hold so many sockets open; returns how many it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return max(soft, most)
