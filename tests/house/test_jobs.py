import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.running import jobs as module
from bot.running.jobs import Jobs, Recurring, Work
from bot.running.leases import Held
from storage.bus.bus import open_bus
from storage.database import Database
from storage.repositories.work.jobs import ScheduledJobs
from storage.schema import now
from storage.tables import Job

SOON = 60.0
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def working(db: Database, handlers: Mapping[str, Work], **options: object) -> AsyncIterator[Jobs]:
    async with open_bus(db) as bus, asyncio.timeout(SOON * 2):
        jobs = Jobs(db, bus, handlers, poll_every=0.02, **options)  # type: ignore[arg-type]
        running = asyncio.create_task(jobs.run())
        try:
            yield jobs
        finally:
            await jobs.close()
            await running


async def add(db: Database, once: str, kind: str = "greet", due_at: datetime = LONG_AGO) -> None:
    async with db.begin() as tables:
        await tables.jobs.add(kind, once, {"to": once}, due_at)


async def left(db: Database) -> list[Job]:
    """What anybody may take an hour from now."""
    async with db.begin() as tables:
        return await tables.jobs.claim(now() + timedelta(hours=1), 100, 1)


async def until_done(jobs: Jobs) -> None:
    """Until a job was taken and nothing is at work any more."""
    while not jobs._at_work:
        await asyncio.sleep(0)
    await asyncio.wait(jobs._at_work)


async def test_due_work_is_done_and_gone(db: Database) -> None:
    done: asyncio.Queue[str] = asyncio.Queue()

    async def greet(job: Job) -> None:
        await done.put(job.payload["to"])

    await add(db, "one")
    async with working(db, {"greet": greet}):
        assert await done.get() == "one"
        await add(db, "two")
        assert await done.get() == "two"
    assert await left(db) == []


async def test_work_of_a_workspace_that_slack_lets_wait_holds_up_no_other(db: Database) -> None:
    go_on, others_done = asyncio.Event(), asyncio.Event()
    at_once = most = 0

    async def greet(job: Job) -> None:
        nonlocal at_once, most
        if job.workspace_id != "T1":
            others_done.set()
            return
        at_once += 1
        most = max(most, at_once)
        await go_on.wait()
        at_once -= 1

    async with db.begin() as tables:
        for number in range(12):
            whose = "T1" if number < 10 else "T2" if number == 10 else None
            await tables.workspaces.ensure("T1" if whose is None else whose)
            await tables.jobs.add("greet", f"job {number}", {}, LONG_AGO + timedelta(number), workspace=whose)
    async with working(db, {"greet": greet}, apart=True):
        await others_done.wait()
        assert most == 7
        go_on.set()


async def test_two_processes_do_each_piece_once(db: Database) -> None:
    done: list[str] = []
    all_done = asyncio.Event()

    async def greet(job: Job) -> None:
        done.append(job.once)
        if len(done) == 40:
            all_done.set()

    for number in range(40):
        await add(db, f"job {number}")
    async with working(db, {"greet": greet}), working(db, {"greet": greet}):
        await all_done.wait()
    assert sorted(done) == sorted(f"job {number}" for number in range(40))
    assert await left(db) == []


async def test_a_failed_job_is_logged_and_tried_again(
    db: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATER", (0,))
    tries: asyncio.Queue[int] = asyncio.Queue()

    async def greet(job: Job) -> None:
        await tries.put(job.attempts)
        if job.attempts < 3:
            raise RuntimeError("not yet")

    await add(db, "one")
    with caplog.at_level(logging.ERROR):
        async with working(db, {"greet": greet}):
            assert [await tries.get() for _ in range(3)] == [1, 2, 3]
    assert caplog.text.count("a job of kind greet failed") == 2
    assert await left(db) == []


async def test_a_job_that_never_works_is_given_up_after_a_day(
    sqlite_db: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATER", (0,))
    tries = asyncio.Queue[str]()

    async def greet(job: Job) -> None:
        tries.put_nowait(job.once)
        raise RuntimeError("never")

    async with sqlite_db.begin() as tables:
        await tables.jobs.add("greet", "fresh", {}, now())
        await tables.jobs.add("greet", "old", {}, now() - module.GIVEN_UP_AFTER)
    async with working(sqlite_db, {"greet": greet}):
        while "given up" not in caplog.text:
            await tries.get()
    assert "given up after 8 tries" in caplog.text
    assert [each.once for each in await left(sqlite_db)] == ["fresh"]


async def test_a_kind_that_nobody_here_can_do_is_left_to_others(sqlite_db: Database) -> None:
    done = asyncio.Event()

    async def greet(job: Job) -> None:
        done.set()

    await add(sqlite_db, "other", kind="unknown here")
    await add(sqlite_db, "one")
    async with working(sqlite_db, {"greet": greet}):
        await done.wait()
    assert [job.once for job in await left(sqlite_db)] == ["other"]


async def test_work_cut_off_by_the_end_is_free_at_once(db: Database) -> None:
    begun = asyncio.Event()

    async def greet(job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    await add(db, "one")
    async with working(db, {"greet": greet}) as jobs:
        await begun.wait()
        await jobs.close(within=0)
    async with db.begin() as tables:
        assert [job.once for job in await tables.jobs.claim(now() + timedelta(milliseconds=1), 1, 1)] == ["one"]


async def test_work_that_ends_in_time_is_waited_for(sqlite_db: Database) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def greet(job: Job) -> None:
        begun.set()
        await may_end.wait()

    await add(sqlite_db, "one")
    async with working(sqlite_db, {"greet": greet}) as jobs:
        await begun.wait()
        asyncio.get_running_loop().call_soon(may_end.set)
        await jobs.close(within=SOON)
    assert await left(sqlite_db) == []


async def test_long_work_keeps_its_lease(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on with each renewal, by less than a lease: a machine may stand still meanwhile."""
    begun, renewals, passed = [], asyncio.Queue[datetime](), timedelta()
    renew, lease = ScheduledJobs.renew, timedelta(seconds=module.LEASE)

    async def renew_and_tell(self: ScheduledJobs, job: Job, until: datetime) -> bool:
        nonlocal passed
        renewed = await renew(self, job, until)
        passed += lease / 1.5
        await renewals.put(until)
        return renewed

    async def greet(job: Job) -> None:
        begun.append(job.lease_until)
        while await renewals.get() < job.lease_until + 3 * lease:
            pass

    monkeypatch.setattr(module, "now", lambda: now() + passed)
    monkeypatch.setattr(module, "Held", lambda what, until, seconds, _, by: Held(what, until, seconds, 0.02, by))

    monkeypatch.setattr(ScheduledJobs, "renew", renew_and_tell)
    await add(sqlite_db, "one")
    async with working(sqlite_db, {"greet": greet}) as jobs:
        await until_done(jobs)
    assert len(begun) == 1
    assert await left(sqlite_db) == []


async def test_recurring_work_comes_again_and_again_and_is_seeded_once(db: Database) -> None:
    done: asyncio.Queue[Job] = asyncio.Queue()

    async def sweep(job: Job) -> None:
        await done.put(job)

    recurring = [Recurring("sweep", every=1)]
    async with working(db, {"sweep": sweep}, recurring=recurring), working(db, {"sweep": sweep}, recurring=recurring):
        first, second = await done.get(), await done.get()
    assert first.id == second.id
    assert second.due_at > first.due_at
    assert len(await left(db)) == 1


async def test_what_is_claimed_while_closing_is_left_to_the_next_process_at_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    claiming, never = asyncio.Event(), asyncio.Event()
    claim = ScheduledJobs.claim

    async def slowly(*args: object, **options: object) -> list[Job]:
        found = await claim(*args, **options)  # type: ignore[arg-type]
        claiming.set()
        await asyncio.sleep(0.05)
        return found

    async def greet(_: Job) -> None:
        await never.wait()

    monkeypatch.setattr(ScheduledJobs, "claim", slowly)
    await add(db, "one")
    async with working(db, {"greet": greet}) as jobs:
        await claiming.wait()
        await jobs.close(0)
    monkeypatch.undo()
    async with db.begin() as tables:
        assert [job.once for job in await tables.jobs.claim(now(), 10, 60)] == ["one"]


async def test_work_that_goes_on_while_the_search_for_more_broke_off_is_done_once(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is at work is not what a dead process held."""
    begun, looked, go_on, starts = asyncio.Event(), asyncio.Event(), asyncio.Event(), 0

    async def greet(job: Job) -> None:
        nonlocal starts
        starts += 1
        begun.set()
        await go_on.wait()

    await add(sqlite_db, "one")
    async with open_bus(sqlite_db) as bus, asyncio.timeout(SOON):
        jobs = Jobs(sqlite_db, bus, {"greet": greet}, poll_every=0.02)
        first = asyncio.create_task(jobs.run())
        await begun.wait()
        real = jobs._take_some

        async def breaks() -> None:
            raise OSError("the database is away")

        with monkeypatch.context() as patch:
            patch.setattr(jobs, "_take_some", breaks)
            with pytest.raises(OSError):
                await first

        async def looks() -> None:
            await real()
            looked.set()

        monkeypatch.setattr(jobs, "_take_some", looks)
        again = asyncio.create_task(jobs.run())
        await looked.wait()
        go_on.set()
        await jobs.close()
        await again
    assert starts == 1
    assert await left(sqlite_db) == []
