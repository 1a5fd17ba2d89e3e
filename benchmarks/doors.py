"""Dead links told apart by nothing; starts beside mere looks; a guest's message while another link is flooded."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from benchmarks.parts.audit_keys import AUDIT_KEYS
from benchmarks.parts.cost import Cost
from benchmarks.parts.counted import counted
from benchmarks.parts.guests import SITE, TEAM, Chat, seated
from benchmarks.parts.report import Measured, at, main, spread
from benchmarks.parts.turns_left import until_none_is_left
from benchmarks.processes import answering, folder, running
from bot.services import tokens
from bot.services.links import Draft, Links
from playground.children import Child
from playground.ports import free_port
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from storage.migrate import migrate
from storage.schema import now
from storage.tables import Link

EACH_LINK = 50
FLOOD_A_SECOND, FLOODERS = 100, 50
PAGE = {"Accept": "text/html"}
PATIENCE = 60.0


@dataclass(frozen=True)
class Doors:
    """Paths of links that are dead in every way, of links that are open, and guests of two more."""

    dead: dict[str, str]
    open: list[str]
    noisy: list[Chat]
    quiet: list[Chat]
    child: Child
    counts: Path
    db: Database

    @asynccontextmanager
    async def costing(self, name: str, times: int, told: dict[str, float]) -> AsyncIterator[None]:
        """What each of so many takes, with the turns that begin meanwhile."""
        before = Cost.so_far(self.child.pid, self.counts)
        yield
        await until_none_is_left(self.db, PATIENCE)
        told |= (Cost.so_far(self.child.pid, self.counts) - before).each(name, times)


async def measure(quick: bool) -> Measured:
    asked, starts, messages = (5, 5, 3) if quick else (1_000, 200, 60)
    with folder() as where:
        async with _served(where, starts, messages) as (session, doors):
            dead = await _dead(session, doors.dead, asked)
            costs: dict[str, float] = {}
            async with doors.costing("look_and_start", starts, costs):
                looked, started = await _starts(session, doors.open, starts)
            async with doors.costing("turn", messages, costs):
                calm = await _messages(session, doors.quiet[:messages])
            async with _flooded(session, doors.noisy) as thrown:
                crowded = await _messages(session, doors.quiet[messages:])
    # Whether an address is well formed can be told without us: what is not is refused before any question.
    formed = [taken for state, taken in dead.items() if "malformed" not in state]
    figures = {"dead_apart_ms": max(formed) - min(formed), **dead, "flood": thrown[0]}
    figures |= costs | spread("start", started) | spread("flooded_message", crowded)
    baseline = spread("look", looked) | spread("calm_message", calm)
    ratio = {
        "start_by_look": figures["start_p50_ms"] / baseline["look_p50_ms"],
        "flooded_by_calm": figures["flooded_message_p50_ms"] / baseline["calm_message_p50_ms"],
    }
    return Measured({**figures, **ratio}, baseline, ratio, {"dead_apart_ms": 1.0, "flooded_by_calm": 2.0})


async def _dead(session: aiohttp.ClientSession, paths: dict[str, str], asked: int) -> dict[str, float]:
    """The median of each state, asked for by turns, so that all meet the same weather."""
    taken: dict[str, list[float]] = {state: [] for state in paths}
    for _ in range(asked):
        for state, path in paths.items():
            taken[state].append(await _timed(session, "GET", path, 404))
    return {f"dead_{state}_p50_ms": at(0.5, times) * 1000 for state, times in taken.items()}


async def _starts(session: aiohttp.ClientSession, paths: Sequence[str], starts: int) -> tuple[list[float], list[float]]:
    looked, started = [], []
    for number in range(starts):
        path = paths[number // EACH_LINK]
        looked.append(await _timed(session, "GET", path, 200))
        body = {"key": os.urandom(16).hex(), "name": "Robin", "consent": True}
        started.append(await _timed(session, "POST", f"{path}/start", 201, json=body))
    return looked, started


async def _messages(session: aiohttp.ClientSession, chats: Sequence[Chat]) -> list[float]:
    """One of each guest, one after the other: stored and acknowledged."""
    return [
        await _timed(session, "POST", f"{chat.path}messages", 202, json=chat.message("Hello"), headers=chat.headers)
        for chat in chats
    ]


@asynccontextmanager
async def _flooded(session: aiohttp.ClientSession, chats: Sequence[Chat]) -> AsyncIterator[list[int]]:
    """So many messages a second on one link, by so many at once, whatever is answered; how many there were."""
    thrown = [0]

    sent = set[asyncio.Task[None]]()
    at_once = asyncio.Semaphore(FLOODERS)

    async def throw() -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        while True:
            chat = chats[thrown[0] % len(chats)]
            await at_once.acquire()
            task = asyncio.create_task(_thrown(session, chat))
            task.add_done_callback(lambda _: at_once.release())
            sent.add(task)
            task.add_done_callback(sent.discard)
            thrown[0] += 1
            await asyncio.sleep(max(0.0, begun + thrown[0] / FLOOD_A_SECOND - clock()))

    throwing = asyncio.create_task(throw())
    try:
        yield thrown
    finally:
        throwing.cancel()
        with suppress(asyncio.CancelledError):
            await throwing
        await asyncio.gather(*sent, return_exceptions=True)


async def _thrown(session: aiohttp.ClientSession, chat: Chat) -> None:
    async with session.post(f"{chat.path}messages", json=chat.message("flood"), headers=chat.headers) as answer:
        await answer.read()


async def _timed(session: aiohttp.ClientSession, method: str, path: str, status: int, **options: object) -> float:
    headers = {**SITE, **(PAGE if method == "GET" else {}), **options.pop("headers", {})}  # type: ignore[dict-item]
    begun = time.perf_counter()
    async with session.request(method, path, headers=headers, **options) as answer:  # type: ignore[arg-type]
        told = await answer.read()
    if answer.status != status:
        raise RuntimeError(f"{method} was answered with {answer.status}: {told[:200]!r}")
    return time.perf_counter() - begun


@asynccontextmanager
async def _served(where: Path, starts: int, messages: int) -> AsyncIterator[tuple[aiohttp.ClientSession, Doors]]:
    port, database_url = free_port(), f"sqlite+aiosqlite:///{where / 'doors.db'}"
    url = f"http://127.0.0.1:{port}"
    await migrate(database_url)
    noisy = await seated(database_url, url, 5, each_link=5)
    quiet = await seated(database_url, url, 2 * messages)
    dead, opened = await _links(database_url, url, -(-starts // EACH_LINK))
    counts, db = where / "statements", Database(database_url)
    command = counted(counts, "benchmarks.streaming.sidecar", database_url, str(port), "1", "1")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(db.close)
        child = await stack.enter_async_context(running("doors", where, *command))
        await answering(child, f"{url}/healthz")
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(url, connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield session, Doors(dead, opened, noisy, quiet, child, counts, db)


async def _links(database_url: str, url: str, count: int) -> tuple[dict[str, str], list[str]]:
    db = Database(database_url, AUDIT_KEYS)
    try:
        async with open_bus(db) as bus:
            links, member = Links(db, bus, base_url=url, master_key=os.urandom(32)), Member(TEAM, "UDOORS")
            made = {state: await links.create(member, Draft(state)) for state in ("revoked", "expired", "full")}
            opened = [await links.create(member, Draft("open", max_sessions=EACH_LINK)) for _ in range(count)]
            await links.revoke(member, made["revoked"].link.id)
        async with db.begin() as tables:
            for state, values in (
                ("expired", {"expires_at": now() - timedelta(hours=1)}),
                ("full", {"used_sessions": 1}),
            ):
                await tables.session.execute(sa.update(Link).where(Link.id == made[state].link.id).values(values))
    finally:
        await db.close()
    dead = {state: created.url.removeprefix(url) for state, created in made.items()}
    dead |= {"unknown": f"/temp-chat/{tokens.mint(tokens.Kind.LINK)}", "malformed": "/temp-chat/tc_nonsense"}
    return dead, [created.url.removeprefix(url) for created in opened]


if __name__ == "__main__":
    main("doors", __doc__, measure)
