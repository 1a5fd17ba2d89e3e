"""Changes of the Home tab are one job until it is done, and none for who has never opened it."""

from storage.database import Database
from storage.schema import now
from storage.tables import Job


async def jobs(db: Database) -> list[Job]:
    async with db.read() as tables:
        return await tables.jobs.all("T1")


async def changed(db: Database, member: str = "U1") -> None:
    async with db.begin() as tables:
        await tables.home_tabs.changed("T1", member)


async def opened(db: Database) -> bool:
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
        return await tables.home_tabs.opened("T1", "U1")


async def test_many_changes_are_one_job_and_only_for_who_looks(db: Database) -> None:
    await changed(db)
    assert (await opened(db), await opened(db)) == (True, False)
    for _ in range(5):
        await changed(db)
    await changed(db, "U2")
    assert [(job.kind, job.payload) for job in await jobs(db)] == [
        ("home_changed", {"workspace": "T1", "member": "U1"})
    ]


async def test_a_change_while_it_is_being_shown_is_shown_too(db: Database) -> None:
    await opened(db)
    await changed(db)
    async with db.begin() as tables:
        [first] = await tables.jobs.claim(now(), 10, 60)
    await changed(db)
    async with db.begin() as tables:
        assert not await tables.jobs.finish(first, now())
        [again] = await tables.jobs.claim(now(), 10, 60)
        assert await tables.jobs.finish(again, now())
    assert await jobs(db) == []
