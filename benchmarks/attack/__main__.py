"""How late everybody else is while a member's server, or a stranger, does harm; beside the quiet run."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.attack.acks import acks
from benchmarks.attack.hostile_server import KINDS
from benchmarks.guests import Chat, frames, seated
from benchmarks.parts.report import Measured, at, main
from benchmarks.processes import answering, folder, running
from playground.ports import free_port
from storage.migrate import migrate

HALF_BODIES = "half_bodies"
ATTACKS = (*(kind for kind in KINDS if kind != "none"), HALF_BODIES)
HELD = 300
"""Connections that send half of a body each."""
BETWEEN_LOOKS = 0.02
PATIENCE = 60.0


@dataclass(frozen=True)
class Seen:
    """Milliseconds, the median of each but for ``lag``, which is the longest that the loop was late."""

    lag: float
    healthz: float
    healthz_p95: float
    ack: float
    ack_p95: float
    first_word: float
    call: float


async def measure(quick: bool) -> Measured:
    attacks = ("log_flood",) if quick else ATTACKS
    with folder() as where:
        quiet = await _seen(where / "quiet", "none", quick=quick)
        found = {attack: await _seen(where / attack, attack, quick=quick) for attack in attacks}
    figures: dict[str, float] = {}
    for attack, seen in found.items():
        figures |= {f"{attack}_{name}_ms": value for name, value in vars(seen).items()}
    ratio = {
        f"worst_{name}": max(getattr(seen, name) for seen in found.values()) / getattr(quiet, name)
        for name in ("healthz", "ack", "first_word", "call")
    }
    worst = {"worst_lag_ms": max(seen.lag for seen in found.values())}
    baseline = {f"quiet_{name}_ms": value for name, value in vars(quiet).items()}
    bars = {"worst_lag_ms": 250.0, **dict.fromkeys(ratio, 2.0)}
    return Measured({**figures, **ratio, **worst}, baseline, ratio, bars)


async def _seen(where: Path, attack: str, *, quick: bool) -> Seen:
    where.mkdir()
    guests, looks = (2, 10) if quick else (30, 300)
    kind = attack if attack in KINDS else "none"
    async with _hosted(where, "hostile", kind) as hostile, _hosted(where, "honest", "none") as honest:
        port, database_url, told = free_port(), f"sqlite+aiosqlite:///{where / 'usher.db'}", where / "told.json"
        url = f"http://127.0.0.1:{port}"
        await migrate(database_url)
        chats = await seated(database_url, url, guests)
        module = "benchmarks.attack.house_next_door"
        async with running("house", where, module, database_url, str(port), hostile, honest, str(told)) as child:
            await answering(child, f"{url}/healthz")
            await _appears(told.with_suffix(".ready"))
            async with _holding(port, HELD if attack == HALF_BODIES else 0):
                asked = _looks(url, looks), acks(url, looks, BETWEEN_LOOKS), _first_words(url, chats)
                times, acked, words = await asyncio.gather(*asked)
        inside = json.loads(told.read_text())
    calls = at(0.5, inside["calls"])
    looked, answered = (at(0.5, times), at(0.95, times)), (at(0.5, acked), at(0.95, acked))
    milliseconds = (inside["lag"], *looked, *answered, at(0.5, words), calls)
    return Seen(*(each * 1000 for each in milliseconds))


@asynccontextmanager
async def _hosted(where: Path, name: str, kind: str) -> AsyncIterator[str]:
    port = free_port()
    async with running(name, where, "benchmarks.attack.hostile_server", kind, str(port)) as child:
        await answering(child, f"http://127.0.0.1:{port}/mcp", 405)
        yield f"http://127.0.0.1:{port}/mcp"


@asynccontextmanager
async def _holding(port: int, number: int) -> AsyncIterator[None]:
    """So many connections that begin a body and never end it."""
    head = "POST /temp-chat/tc_x/start HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
    begun = f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode()
    writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(number)]
    for writer in writers:
        writer.write(begun)
    try:
        yield
    finally:
        for writer in writers:
            writer.close()


async def _looks(url: str, number: int) -> list[float]:
    times = []
    async with aiohttp.ClientSession(url) as session:
        for _ in range(number):
            begun = time.perf_counter()
            async with session.get("/healthz") as answer:
                await answer.read()
            times.append(time.perf_counter() - begun)
            await asyncio.sleep(BETWEEN_LOOKS)
    return times


async def _first_words(url: str, chats: list[Chat]) -> list[float]:
    """One guest after the other, each from their question to the first word of its answer."""
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        return [await _first_word(session, chat) for chat in chats]


async def _first_word(session: aiohttp.ClientSession, chat: Chat) -> float:
    async with asyncio.timeout(PATIENCE), session.get(f"{chat.path}events", headers=chat.headers) as stream:
        told = frames(stream)
        await anext(told)
        begun = time.perf_counter()
        async with session.post(f"{chat.path}messages", json=chat.message("Hello"), headers=chat.headers) as sent:
            await sent.read()
        async for kind, shown in told:
            if kind == "delta" or (kind == "message" and shown["author"] == "agent"):
                return time.perf_counter() - begun
    raise RuntimeError("the stream ended before the answer")


async def _appears(path: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        while not path.exists():
            await asyncio.sleep(BETWEEN_LOOKS)


if __name__ == "__main__":
    main("attack", __doc__, measure)
