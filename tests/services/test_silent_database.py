"""A database that goes silent under what runs: no turn and no job is wedged, and nobody who asks waits for it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from bot.readiness import Ready
from bot.running import jobs as jobs_module
from bot.running.jobs import Jobs
from bot.running.turns import worker as worker_module
from bot.running.turns.worker import Worker
from bot.services.chats import recording
from storage.bus.bus import LocalBus
from storage.database import Database
from storage.engines.postgres import Patience
from storage.schema import now
from storage.tables import Job
from tests.services.house import open_house
from tests.services.test_turns import HELD, asked
from tests.support.audit import KEYS
from tests.support.gemini import Scripted
from tests.support.way import PostgresWay, opened

BRIEF = Patience(connect=5, command=5, ping=3, parting=0.05)
"""As much as a busy machine may take of itself: what is to succeed is asked with it too."""
BRIEF_LEASE, USUAL_LEASE = 4.0, 15.0
SOON = 60.0


@pytest.fixture
async def way(postgres_url: str) -> AsyncIterator[PostgresWay]:
    async with opened(PostgresWay(postgres_url)) as way:
        yield way


@pytest.fixture
async def silent_db(way: PostgresWay) -> AsyncIterator[Database]:
    database = Database(way.url, KEYS, BRIEF)
    yield database
    await database.close()


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (worker_module, recording):
        monkeypatch.setattr(module, "LEASE_SECONDS", BRIEF_LEASE)
    monkeypatch.setattr(worker_module, "RENEW_SECONDS", 0.1)
    monkeypatch.setattr(worker_module, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(jobs_module, "LEASE", BRIEF_LEASE)


async def freed(at_work: Mapping[asyncio.Task[None], object]) -> None:
    async with asyncio.timeout(SOON):
        while at_work:
            await asyncio.sleep(0.01)


async def test_a_turn_whose_lease_cannot_be_renewed_ends_here_and_is_run_again_when_the_database_is_back(
    way: PostgresWay, silent_db: Database, gemini: Scripted, short_leases: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(silent_db, gemini.model) as house, house.worker() as worker:
        gemini.script(HELD)
        await house.say("hello")
        await asked(gemini)
        [held] = worker._turns.values()
        way.hold()
        await freed(worker._turns)
        assert held.attempts == worker_module.NOBODYS
        gemini.will_say("Hello.")
        for module in (worker_module, recording):
            monkeypatch.setattr(module, "LEASE_SECONDS", USUAL_LEASE)
        way.let_others_go()
        shown = await house.face.after(1)
        assert (shown.states[-1], shown.text) == ("done", "Hello.")
        assert not await worker._change(held, text="written too late")
        [turn] = await house.turns()
    assert turn.attempts > 1 and turn.text == "hello"


async def test_a_job_whose_lease_cannot_be_renewed_ends_here_and_is_done_when_the_database_is_back(
    way: PostgresWay, silent_db: Database, short_leases: None
) -> None:
    begun, done, hangs = asyncio.Event(), asyncio.Event(), [True]

    async def greet(job: Job) -> None:
        begun.set()
        if hangs:
            await asyncio.Event().wait()
        done.set()

    async with silent_db.begin() as tables:
        await tables.jobs.add("greet", "once", {}, now())
    jobs = Jobs(silent_db, LocalBus(), {"greet": greet}, poll_every=0.02)
    running = asyncio.create_task(jobs.run())
    async with asyncio.timeout(SOON):
        await begun.wait()
        way.hold()
        await freed(jobs._at_work)
        hangs.clear()
        way.let_others_go()
        await done.wait()
        await jobs.close()
        await running


async def test_whoever_asks_whether_it_is_ready_is_told_so_and_it_is_asked_once_at_a_time(
    way: PostgresWay, silent_db: Database, sqlite_db: Database
) -> None:
    async def warm() -> None: ...

    await silent_db.ping()
    way.hold()
    patient = Database(way.url, KEYS, Patience(parting=0.05))
    hung, on_disk = threading.Event(), Ready(sqlite_db, None, warm, patience=0.05)
    async with sqlite_db.engine.connect() as connection:
        await connection.execute(sa.text("SELECT 1"))
        driver: Any = (await connection.get_raw_connection()).driver_connection
    driver._tx.put_nowait((None, hung.wait))  # its thread waits for the disk
    try:
        for ready in (Ready(patient, None, warm, patience=0.05), on_disk):
            parts = [await ready() for _ in range(3)]
            assert parts == [{"database": "does not answer", "slack": "ok", "model": "ok"}] * 3
            assert len(ready._asked) == 1
    finally:
        hung.set()
    async with asyncio.timeout(SOON):
        while (await on_disk())["database"] != "ok":
            await asyncio.sleep(0.01)
    await patient.close()


async def test_a_worker_and_jobs_that_wait_for_it_can_be_stopped(
    way: PostgresWay, silent_db: Database, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_SECONDS", 0.01)
    for module in (worker_module, jobs_module):
        monkeypatch.setattr(module, "CANCELLED_WITHIN", 0.05)
    patient = Database(way.url, KEYS, Patience(parting=0.05))
    async with open_house(patient, gemini.model) as house:
        worker = Worker(patient, house.bus, house.chats, {"slack": house.face}, owner="one")
        looked = asyncio.Event()

        async def look(_: Job) -> None:
            looked.set()

        async with patient.begin() as tables:
            await tables.jobs.add("look", "once", {}, now())
        jobs = Jobs(patient, LocalBus(), {"look": look}, poll_every=0.01)
        running = [asyncio.create_task(each.run()) for each in (worker, jobs)]
        await worker.begun.wait()
        await looked.wait()
        way.hold()
        async with asyncio.timeout(SOON):
            while not (worker._looking.locked() and jobs._looking.locked()):
                await asyncio.sleep(0.01)
            await asyncio.gather(worker.close(0), jobs.close(0))
            for task in running:
                task.cancel()
            await asyncio.wait(running)
