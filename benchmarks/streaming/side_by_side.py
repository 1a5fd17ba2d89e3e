"""Turns that wait, worked off by two processes on one PostgreSQL; beside one process.

The guests' messages are stored before. Once with a model that thinks for a while, as every model does: then places are
what there is too little of, and two processes have twice as many. Once with one that answers at once (``rushed``), so
that what is left is a turn's own work: PostgreSQL and all that runs have the same cores, and ``cores_busy`` tells how
much of the machine they took. What is free there is what more processes can still gain.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import sqlalchemy as sa

from benchmarks.parts.audit_keys import AUDIT_KEYS
from benchmarks.parts.cost import Cost
from benchmarks.parts.counted import counted
from benchmarks.parts.guests import seated
from benchmarks.parts.report import Measured, main
from benchmarks.parts.turns_left import until_none_is_left
from benchmarks.processes import answering, cpu_seconds, folder, running
from benchmarks.streaming.sidecar import serving_guests
from playground.children import Child
from playground.ports import free_port
from storage.database import Database
from storage.migrate import migrate
from storage.tables import Event
from tests.support.postgres import Postgres, running_postgres

TURNS, AT_ONCE, THINKS = 240, 20, 2.0
PATIENCE = 300.0


@dataclass(frozen=True)
class Worked:
    """``postgres`` and ``ours`` are seconds of CPU; ``wrong`` turns were lost or ended more than once."""

    seconds: float
    ours: Cost
    postgres: float
    wrong: int

    @property
    def cores_busy(self) -> float:
        return (self.ours.cpu + self.postgres) / self.seconds


async def measure(quick: bool) -> Measured:
    turns, thinks = (10, 0.1) if quick else (TURNS, THINKS)
    with folder() as where, running_postgres() as postgres:
        one, two, rushed_one, rushed_two = [
            await _worked(where, postgres, processes, turns, seconds)
            for seconds in (thinks, 0.0)
            for processes in (1, 2)
        ]
    figures = {
        "turns": float(turns),
        "two_turns_a_s": turns / two.seconds,
        "share_of_time": two.seconds / one.seconds,
        "cores_busy": two.cores_busy,
        **two.ours.each("turn", turns),
        "rushed_two_turns_a_s": turns / rushed_two.seconds,
        "rushed_share_of_time": rushed_two.seconds / rushed_one.seconds,
        "rushed_cores_busy": rushed_two.cores_busy,
        "postgres_cpu_ms": rushed_two.postgres / turns * 1000,
        **rushed_two.ours.each("rushed", turns),
        "wrong": float(sum(each.wrong for each in (one, two, rushed_one, rushed_two))),
    }
    baseline = {
        "one_turns_a_s": turns / one.seconds,
        "one_cores_busy": one.cores_busy,
        "rushed_one_turns_a_s": turns / rushed_one.seconds,
        "rushed_one_cores_busy": rushed_one.cores_busy,
        **rushed_one.ours.each("rushed_one", turns),
    }
    ratio = {
        "turns_a_s": one.seconds / two.seconds,
        "rushed_turns_a_s": rushed_one.seconds / rushed_two.seconds,
    }
    return Measured(figures, baseline, ratio, {"share_of_time": 1 / 1.7, "wrong": 0.0})


async def _worked(where: Path, postgres: Postgres, processes: int, turns: int, thinks: float) -> Worked:
    name = f"by_{processes}_in_{thinks * 1000:.0f}"
    postgres.psql(f"CREATE DATABASE {name}")
    url = postgres.url(name)
    await migrate(url)
    db = Database(url, AUDIT_KEYS)
    try:
        async with _asleep(where, url, name, processes, thinks) as workers:
            await _waiting(url, turns)
            before = [Cost.so_far(child.pid, counts) for child, counts in workers]
            server, begun = _cpu_of(postgres), time.perf_counter()
            for child, _ in workers:
                os.kill(child.pid or 0, signal.SIGCONT)
            await until_none_is_left(db, PATIENCE)
            seconds, server = time.perf_counter() - begun, _cpu_of(postgres) - server
            ours = [Cost.so_far(child.pid, counts) - was for (child, counts), was in zip(workers, before, strict=True)]
        return Worked(seconds, sum(ours[1:], ours[0]), server, await _wrong(db, turns))
    finally:
        await db.close()


@asynccontextmanager
async def _asleep(
    where: Path, url: str, name: str, processes: int, thinks: float
) -> AsyncIterator[list[tuple[Child, Path]]]:
    """Started, and stopped before there is anything to do, so that all begin at once."""
    async with AsyncExitStack() as stack:
        workers = []
        for number in range(processes):
            port, counts = free_port(), where / f"{name}-{number}.statements"
            given = (url, str(port), "1", "1", str(AT_ONCE), f"{thinks * 1000:.0f}")
            command = counted(counts, "benchmarks.streaming.sidecar", *given)
            child = await stack.enter_async_context(running(f"{name}-{number}", where, *command))
            await answering(child, f"http://127.0.0.1:{port}/healthz")
            workers.append((child, counts))
        for child, _ in workers:
            os.kill(child.pid or 0, signal.SIGSTOP)
        try:
            yield workers
        finally:
            for child, _ in workers:
                os.kill(child.pid or 0, signal.SIGCONT)


async def _waiting(url: str, turns: int) -> None:
    """Messages taken in by a process that runs no turns, which is this one."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    chats = await seated(url, base, turns)
    connector = aiohttp.TCPConnector(limit=20)
    async with serving_guests(url, port, 1, 1), aiohttp.ClientSession(base, connector=connector) as session:
        for each in chats:
            body = each.message("What do you know about lighthouses?")
            async with session.post(f"{each.path}messages", json=body, headers=each.headers) as answer:
                answer.raise_for_status()


async def _wrong(db: Database, turns: int) -> int:
    async with db.read() as tables:
        of = sa.select(Event.turn_id).where(Event.kind == "message", Event.body["author"].as_string() == "agent")
        answers = Counter(await tables.session.scalars(of))
    return turns - len(answers) + sum(count != 1 for count in answers.values())


def _cpu_of(postgres: Postgres) -> float:
    """Of the server and all its backends; of those that have ended too."""
    server = postgres.process
    times = psutil.Process(server).cpu_times()
    total = float(times.user + times.system + times.children_user + times.children_system)
    for backend in psutil.Process(server).children():
        with suppress(psutil.NoSuchProcess):  # it has just ended
            total += cpu_seconds(backend.pid)
    return total


if __name__ == "__main__":
    main("streaming.side_by_side", __doc__, measure)
