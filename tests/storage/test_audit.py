import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.migrate import migrate
from storage.repositories.workspaces.audit import START, digest
from storage.schema import Json, UtcTime
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


ODD: dict[str, Any] = {
    "large float": {"share": 1e16},
    "floats": {"all": [1e22, 1e-7, -0.0, 0.1, 1.0, 5e-324, 1.7976931348623157e308, 100.0, 1e15, 123456789012345680.0]},
    "large integers": {"all": [2**53 + 1, 2**64, -(10**16), 10**40, 0, -1]},
    "NUL": {"a\0b": "c\0d"},
    "half an emoji": {"\ud83d": "\ude00", "whole": "\ud83d\ude00"},
    "normal forms": {"é": 1, "e\u0301": 2, "\N{FAMILY}": "\N{ZERO WIDTH JOINER}"},
    "order of keys": {"b": 1, "a": 2, "aa": 3, "B": 4, "": 5},
    "keys that become one": {"a\0": 1, "a\ufffd": 2},
    "no text for a key": {1: "one", None: "none", False: "no"},
    "deep": json.loads('{"a":' * 200 + "[[]]" + "}" * 200),
    "escapes": {"line\n\ttab\\u0000": '"\\', "\u2028": "\x7f"},
}


@pytest.mark.parametrize("detail", ODD.values(), ids=ODD)
async def test_an_entry_is_verified_as_it_was_written_whatever_is_in_it(db: Database, detail: dict[str, Any]) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        entry = await tables.audit.add(T1, "U\0 1", "act", "half \ud83d", detail)
    await add(db)
    async with db.read() as tables:
        stored = (await tables.audit.of(T1))[1]
    assert json.dumps(stored.detail) == json.dumps(entry.detail)
    assert (stored.actor, stored.subject) == ("U\ufffd 1", "half \ufffd")
    assert await verified(db)


@pytest.mark.parametrize(
    "changed", [{"n": 10**16 + 2}, {"n": 1e16 + 2}, {"n": "1e16"}, {"n": True}, {}, {"n": 1e16, "m": 1}]
)
async def test_a_changed_number_shows_though_it_may_have_been_written_in_two_ways(
    db: Database, changed: dict[str, Any]
) -> None:
    await rows.workspace(db)
    async with db.begin() as tables:
        await tables.audit.add(T1, U1, "act", "s", {"n": 1e16})
    assert await verified(db)
    async with db.begin() as tables:
        await tables.session.execute(sa.update(AuditEntry).values(detail=changed))
    assert not await verified(db)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


OLD = sa.table(
    "audit_entries",
    *map(sa.column, ("id", "workspace_id", "number", "actor", "action", "subject", "previous", "hash")),
    *(sa.column("at", UtcTime), sa.column("detail", Json)),
)
OLD_WORKSPACES = sa.table("workspaces", *map(sa.column, ("id", "name")), sa.column("created_at", UtcTime))
BEFORE = [{}, {"title": "Grüße", "guests": 3, "b": None, "a": [1, 2.5]}, {"share": 1e16}, {"n": 10**17, "m": 2**64}]


async def test_entries_of_before_the_upgrade_are_verified_after_it(empty_url: str) -> None:
    """As the first version wrote them: hashed before PostgreSQL wrote their numbers anew."""
    await migrate(empty_url, "0001")
    db, previous = Database(empty_url), START
    async with db.begin() as tables:
        await tables.session.execute(sa.insert(OLD_WORKSPACES).values(id=T1, name="", created_at=rows.NOON))
    for number, detail in enumerate(BEFORE, 1):
        values = {"workspace_id": T1, "number": number, "at": rows.NOON, "actor": U1, "action": "act", "subject": "s"}
        entry = AuditEntry(id=f"e{number}", **values, previous=previous)
        previous = digest(entry, detail)
        stored = {**values, "id": entry.id, "detail": detail, "previous": entry.previous, "hash": previous}
        async with db.begin() as tables:
            await tables.session.execute(sa.insert(OLD).values(stored))
    await db.close()
    await migrate(empty_url)
    db = Database(empty_url)
    await add(db)
    assert await verified(db)
    async with db.begin() as tables:
        third = sa.update(AuditEntry).where(AuditEntry.number == 3)
        await tables.session.execute(third.values(detail={"share": 2e16}))
    assert not await verified(db)
    await db.close()
