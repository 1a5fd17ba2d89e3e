"""What an idle event stream weighs, and how late many guests' answers are; beside bare aiohttp."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.parts.cost import Cost
from benchmarks.parts.counted import counted
from benchmarks.parts.guests import Chat, seated
from benchmarks.parts.report import Measured, at, main
from benchmarks.processes import answering, folder, many_files, running, weight
from benchmarks.streaming.streams import Streams
from playground.children import Child
from playground.ports import free_port
from storage.migrate import migrate

SPARE_FILES = 500
WARM = 20
SETTLE = 1.0
AT_THE_STOP = 1000
CONNECTS = 10_000
KIB = 1024
TICK = 0.01
"""Seconds: in such steps the system counts CPU, and a quick run may be over within one."""

Targets = Sequence[tuple[str, dict[str, str]]]


@dataclass(frozen=True)
class Served:
    child: Child
    url: str
    counts: Path | None = None

    def cost(self) -> Cost:
        """So far; statements only where they are counted."""
        return Cost.so_far(self.child.pid, self.counts)


async def measure(quick: bool) -> Measured:
    most = many_files() - SPARE_FILES
    levels = [level for level in ((50, 100) if quick else (200, 1000, 5000)) if level <= most]
    guests, tokens = (10, 50) if quick else (250, 500)
    with folder() as where:
        async with bare_served(where) as bare:
            bare_idle = await _idle(bare, [("/idle", {})] * (levels[-1] + WARM), levels)
            bare_loaded = await bare_load(bare, guests, tokens)
        async with usher_served(where, "idle", levels[-1] + WARM, tokens) as (usher, chats):
            targets = [(f"{chat.path}events", chat.headers) for chat in chats]
            idle = await _idle(usher, targets, levels)
            grown = await _come_and_gone(usher, targets[:AT_THE_STOP], 20 if quick else CONNECTS)
            stop = await _stopped(usher, targets[:AT_THE_STOP])
        async with usher_served(where, "load", guests, tokens) as (usher, chats):
            loaded = await load(usher, chats)
    largest = f"idle_kib_each_at_{levels[-1]}"
    bare_loaded.pop("stored_after_last_word_s")  # it stores nothing
    figures, baseline = idle | loaded | {"grown_by_connects": grown, "stop_s": stop}, bare_idle | bare_loaded
    ratio = {name: figures[name] / baseline[name] for name in (largest, "last_word_p99_s", "done_p99_s", "cpu_s")}
    bars = {largest: 40, "last_word_p99_s": 6, "grown_by_connects": 1.1, "stop_s": 1.0}
    return Measured({"guests": guests, **figures}, baseline, ratio, bars)


async def _idle(served: Served, targets: Targets, levels: Sequence[int]) -> dict[str, float]:
    """The growth of the process by open streams, after some were opened once and closed."""
    async with Streams(served.url) as once:
        await once.open(targets[:WARM])
    await asyncio.sleep(SETTLE)
    empty, _ = weight(served.child.pid)
    told: dict[str, float] = {}
    async with Streams(served.url) as streams:
        for level in levels:
            await streams.open(targets[WARM + len(streams.readers) : WARM + level])
            await asyncio.sleep(SETTLE)
            full, _ = weight(served.child.pid)
            told[f"idle_kib_each_at_{level}"] = (full - empty) / level / KIB
    return told


async def _come_and_gone(served: Served, targets: Targets, count: int) -> float:
    """The process's memory by what it was, after so many streams were opened and closed."""
    before, _ = weight(served.child.pid)
    for start in range(0, count, len(targets)):
        async with Streams(served.url) as streams:
            await streams.open(targets[: count - start])
    await asyncio.sleep(SETTLE)
    after, _ = weight(served.child.pid)
    return after / before


async def _stopped(served: Served, targets: Targets) -> float:
    """Seconds from SIGTERM to its end, with all of these open."""
    async with Streams(served.url) as streams:
        await streams.open(targets)
        begun = time.perf_counter()
        await served.child.stop()
        return time.perf_counter() - begun


async def load(served: Served, chats: Sequence[Chat]) -> dict[str, float]:
    """All guests ask in one moment, and when all have their turn, all are answered in one moment."""
    async with Streams(served.url) as streams:
        await streams.open([(f"{chat.path}events", chat.headers) for chat in chats])
        connector, jar = aiohttp.TCPConnector(limit=0), aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(served.url, connector=connector, cookie_jar=jar) as session:
            before, begun = served.cost(), time.perf_counter()
            await asyncio.gather(*(_ask(session, chat) for chat in chats))
            taken = time.perf_counter() - begun
            await streams.all_done()
        cost = served.cost() - before
        told = _told(streams, cost.cpu) | cost.each("turn", len(chats))
        return told | {"all_taken_s": taken, "all_begun_s": _begun(streams) - begun}


async def bare_load(served: Served, guests: int, tokens: int) -> dict[str, float]:
    """Here to open the stream is to ask."""
    before = served.cost()
    async with Streams(served.url) as streams:
        await streams.open([(f"/answer?tokens={tokens}", {})] * guests)
        await streams.all_done()
        return _told(streams, (served.cost() - before).cpu)


def _told(streams: Streams, cpu: float) -> dict[str, float]:
    """From the very first word of all; ``done`` is when the whole answer is stored as well."""
    begun = _begun(streams)
    last = [reader.last_at - begun for reader in streams.readers]
    return {
        "last_word_p50_s": at(0.5, last),
        "last_word_p99_s": at(0.99, last),
        "done_p99_s": at(0.99, [reader.done_at - begun for reader in streams.readers]),
        "stored_after_last_word_s": max(reader.done_at for reader in streams.readers) - max(last) - begun,
        "cpu_s": max(cpu, TICK),
    }


def _begun(streams: Streams) -> float:
    return min(reader.first_at for reader in streams.readers)


async def _ask(session: aiohttp.ClientSession, chat: Chat) -> None:
    body = chat.message("What do you know about lighthouses?")
    async with session.post(f"{chat.path}messages", json=body, headers=chat.headers) as answer:
        answer.raise_for_status()


@asynccontextmanager
async def usher_served(where: Path, name: str, guests: int, tokens: int) -> AsyncIterator[tuple[Served, list[Chat]]]:
    port, database_url = free_port(), f"sqlite+aiosqlite:///{where / name}.db"
    url = f"http://127.0.0.1:{port}"
    await migrate(database_url)
    chats = await seated(database_url, url, guests)
    counts = where / f"{name}.statements"
    command = counted(counts, "benchmarks.streaming.sidecar", database_url, str(port), str(guests), str(tokens))
    async with running(name, where, *command) as child:
        await answering(child, f"{url}/healthz")
        yield Served(child, url, counts), chats


@asynccontextmanager
async def bare_served(where: Path) -> AsyncIterator[Served]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with running("bare", where, "benchmarks.bare.sse", str(port)) as child:
        await answering(child, f"{url}/healthz")
        yield Served(child, url)


if __name__ == "__main__":
    main("sse", __doc__, measure)
