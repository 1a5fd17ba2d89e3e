import asyncio

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.tables import AuditEntry
from tests.storage import rows
from tests.storage.rows import T1, U1


async def add(db: Database, action: str = "link.created", where: str = T1) -> None:
    async with db.begin() as tables:
        await tables.audit.add(where, U1, action, "l1", {"hours": 4, "title": "Grüße"})


async def verified(db: Database, where: str = T1) -> bool:
    async with db.read() as tables:
        return await tables.audit.verify(where)


@pytest.fixture
async def chain(db: Database) -> Database:
    """Five entries, and those of another workspace between them."""
    for name in (T1, "T2"):
        await rows.workspace(db, name)
    for number in range(5):
        await add(db, f"act.{number}")
        await add(db, "other", where="T2")
    return db


async def test_what_was_done_is_listed_newest_first_by_workspace(chain: Database) -> None:
    async with chain.read() as tables:
        entries = await tables.audit.of(T1, limit=3)
    assert [each.action for each in entries] == ["act.4", "act.3", "act.2"]
    assert entries[0].detail == {"hours": 4, "title": "Grüße"}
    assert await verified(chain) and await verified(chain, "T2") and await verified(chain, "nowhere")


@pytest.mark.parametrize(
    "values",
    [
        {"actor": "U2"},
        {"action": "nothing"},
        {"subject": "l2"},
        {"detail": {"hours": 5, "title": "Grüße"}},
        {"previous": "0" * 64},
        {"number": 30},
        {"at": rows.NOON},
        {"hash": "f" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
async def test_a_changed_entry_shows(chain: Database, values: dict[str, object]) -> None:
    async with chain.begin() as tables:
        third = (AuditEntry.workspace_id == T1, AuditEntry.number == 3)
        await tables.session.execute(sa.update(AuditEntry).where(*third).values(**values))
    assert not await verified(chain)
    assert await verified(chain, "T2")


async def test_an_entry_taken_out_shows(chain: Database) -> None:
    async with chain.begin() as tables:
        third = (AuditEntry.workspace_id == T1, AuditEntry.number == 3)
        await tables.session.execute(sa.delete(AuditEntry).where(*third))
    assert not await verified(chain)


async def test_many_at_once_make_one_chain(db: Database) -> None:
    await rows.workspace(db)
    await asyncio.gather(*(add(db, f"act.{number}") for number in range(30)))
    async with db.read() as tables:
        entries = await tables.audit.of(T1)
    assert [each.number for each in entries] == list(range(30, 0, -1))
    assert await verified(db)
