import asyncio
from datetime import timedelta

from storage.database import Database
from storage.tables import Job
from tests.storage import rows
from tests.storage.rows import HOUR, NOON, T1

LEASE = 60.0
LAPSED = NOON + timedelta(seconds=LEASE + 1)


async def add(db: Database, once: str, **values: object) -> bool:
    async with db.begin() as tables:
        return await tables.jobs.add("greet", once, {"to": once}, NOON, **values)  # type: ignore[arg-type]


async def claim(db: Database, at=NOON, limit: int = 10) -> list[Job]:
    async with db.begin() as tables:
        return await tables.jobs.claim(at, limit, LEASE)


async def test_a_job_is_added_once(db: Database) -> None:
    added = await asyncio.gather(*(add(db, "guest_ended:s1") for _ in range(20)))
    assert sum(added) == 1
    [job] = await claim(db)
    assert (job.kind, job.payload, job.attempts) == ("greet", {"to": "guest_ended:s1"}, 1)


async def test_many_who_look_for_work_each_get_their_own(db: Database) -> None:
    for number in range(30):
        await add(db, f"job {number}")
    claims = await asyncio.gather(*(claim(db, limit=3) for _ in range(20)))
    taken = [job.once for claimed in claims for job in claimed]
    assert all(len(claimed) <= 3 for claimed in claims)
    assert len(taken) == len(set(taken))
    assert len(taken) + len(await claim(db, limit=100)) == 30


async def test_what_is_not_due_is_left_alone(db: Database) -> None:
    await add(db, "one")
    assert await claim(db, NOON - timedelta(seconds=1)) == []


async def test_a_claim_may_be_for_some_kinds_only(db: Database) -> None:
    await add(db, "one")
    async with db.begin() as tables:
        assert await tables.jobs.claim(NOON, 10, LEASE, kinds=["sweep"]) == []
        assert len(await tables.jobs.claim(NOON, 10, LEASE, kinds={"greet": 1})) == 1


async def test_what_a_dead_process_held_is_taken_again_and_the_dead_can_change_nothing(db: Database) -> None:
    await add(db, "one")
    [slow] = await claim(db)
    assert await claim(db) == []
    [quick] = await claim(db, LAPSED)
    assert quick.attempts == 2
    async with db.begin() as tables:
        assert not await tables.jobs.finish(slow, LAPSED)
        assert not await tables.jobs.renew(slow, LAPSED + HOUR)
        assert not await tables.jobs.try_later(slow, LAPSED)
        assert await tables.jobs.finish(quick, LAPSED)
        assert not await tables.jobs.finish(quick, LAPSED)
        assert await tables.jobs.all() == []


async def test_a_job_put_off_waits_until_then(db: Database) -> None:
    await add(db, "one")
    [job] = await claim(db)
    async with db.begin() as tables:
        assert await tables.jobs.try_later(job, NOON + HOUR)
    assert await claim(db, NOON + HOUR) == []
    assert len(await claim(db, NOON + HOUR + timedelta(seconds=1))) == 1


async def test_a_recurring_job_comes_again_and_what_was_missed_is_skipped(db: Database) -> None:
    await add(db, "every:sweep", every=60)
    [job] = await claim(db, NOON + timedelta(seconds=150))
    async with db.begin() as tables:
        assert await tables.jobs.finish(job, NOON + timedelta(seconds=150))
        [waiting] = await tables.jobs.all()
    assert (waiting.due_at, waiting.lease_until, waiting.attempts) == (NOON + timedelta(seconds=180), None, 0)


async def test_a_ticket_is_used_once(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        ticket = await tables.tickets.add(rows.ticket())

    async def use() -> bool:
        async with db.begin() as tables:
            return await tables.tickets.use(ticket.id, NOON)

    assert sum(await asyncio.gather(*(use() for _ in range(20)))) == 1
    async with db.read() as tables:
        found = await tables.tickets.by_hash(rows.hashed("ticket"))
    assert found and found.used_at == NOON


async def test_a_ticket_counts_its_tries_and_ends_with_its_time(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        ticket = await tables.tickets.add(rows.ticket())
        assert [await tables.tickets.count_try(ticket.id) for _ in range(3)] == [1, 2, 3]
        assert not await tables.tickets.use(ticket.id, NOON + HOUR)
        assert await tables.tickets.purge(NOON + HOUR) == 0
        assert await tables.tickets.purge(NOON + 2 * HOUR) == 1
        assert await tables.tickets.by_hash(rows.hashed("ticket")) is None


async def test_an_event_of_slack_is_handled_the_first_time_only(db: Database) -> None:
    await rows.workspace(db)

    async def handle() -> bool:
        async with db.begin() as tables:
            return await tables.handled.first_time(T1, "Ev1")

    assert sum(await asyncio.gather(*(handle() for _ in range(20)))) == 1


async def test_handled_events_are_forgotten_in_time_but_not_what_is_seen_once_ever(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        assert await tables.handled.first_time(T1, "Ev1")
        assert await tables.handled.first_time_ever(T1, "welcome:U1")
        assert await tables.handled.purge(NOON + 99999 * HOUR) == 1
        assert await tables.handled.first_time(T1, "Ev1")
        assert not await tables.handled.first_time_ever(T1, "welcome:U1")


async def test_an_event_whose_deed_failed_may_come_again(db: Database) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        assert await tables.handled.first_time(T1, "Ev1")
        assert not await tables.handled.forget("T2", "Ev1")
        assert await tables.handled.forget(T1, "Ev1")
        assert not await tables.handled.forget(T1, "Ev1")
        assert await tables.handled.first_time(T1, "Ev1")
