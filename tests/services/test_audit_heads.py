"""The head of each audit is logged when it has moved, and told to administrators each week with what was found."""

import logging

import pytest
import sqlalchemy as sa

from bot.services.limits.policies import DIGEST
from bot.services.watch.audit.beginning import INSTALLED, begun, carried_over
from bot.services.watch.audit.heads import Heads
from bot.services.watch.insights.digest import EVERY, Digest
from storage.database import Database
from storage.schema import now
from storage.tables import AuditEntry, Job
from tests.storage import rows
from tests.storage.rows import T1


@pytest.fixture
async def head(sqlite_db: Database) -> str:
    """Of an audit with one entry; another workspace has none."""
    await begun(sqlite_db, T1, "Acme")
    await rows.workspace(sqlite_db, "T2")
    async with sqlite_db.read() as tables:
        return str(await tables.audit.head(T1))


async def told(db: Database) -> list[str]:
    async with db.begin() as tables:
        notes = [each.payload["text"] for each in await tables.jobs.all(T1, "admin_note")]
        await tables.session.execute(sa.delete(Job))
    return notes


async def test_a_head_is_logged_once(head: str, sqlite_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    heads = Heads(sqlite_db)
    with caplog.at_level(logging.INFO, "bot.services.watch.audit.heads"):
        await heads.log()
        await heads.log()
        assert [each.message for each in caplog.records] == [f"audit of {T1}: {head}"]
        async with sqlite_db.begin() as tables:
            entry = await tables.audit.add(T1, "U1", "link.revoked", "l1")
        await heads.log()
    assert caplog.records[-1].message == f"audit of {T1}: 2:{entry.mac}"


async def test_administrators_are_told_the_head_and_whether_all_is_as_it_was_written(
    head: str, sqlite_db: Database
) -> None:
    digest = Digest(sqlite_db)
    async with sqlite_db.begin() as tables:
        for outcome in ("done", "failed"):
            await tables.usage.add(T1, "U1", "add_note", outcome, 5)
    await digest.tell()
    [note] = await told(sqlite_db)
    assert "has 1 entry, each as it was written" in note and head in note
    assert (
        "nobody asked me anything, 2 calls of tools by 1 member, 1 of them failed. 0 connections. 0 chat links" in note
    )
    async with sqlite_db.begin() as tables:
        await tables.policies.put(T1, DIGEST, {"weekly": False}, by="U1")
    await digest.tell()
    assert await told(sqlite_db) == []
    async with sqlite_db.begin() as tables:
        entry = sa.update(AuditEntry).where(AuditEntry.action == INSTALLED)
        await tables.session.execute(entry.values(actor="somebody"))
    await digest.tell()
    [note] = await told(sqlite_db)
    assert "not as it was written, from entry 1 on" in note


async def test_where_nothing_was_added_for_a_week_nobody_is_told(
    head: str, sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.watch.insights.digest.now", lambda: now() + EVERY)
    await Digest(sqlite_db).tell()
    assert await told(sqlite_db) == []


async def test_a_workspace_is_noted_as_installed_once(head: str, sqlite_db: Database) -> None:
    await begun(sqlite_db, T1, "Acme & Sons")
    async with sqlite_db.read() as tables:
        assert [each.action for each in await tables.audit.of(T1)] == [INSTALLED]


async def test_what_a_process_of_the_version_before_wrote_since_is_taken_in_by_the_next_start(
    head: str, sqlite_db: Database
) -> None:
    async with sqlite_db.begin() as tables:
        tables.session.add(rows.former_audit_entry())
    await carried_over(sqlite_db)
    await carried_over(sqlite_db)
    async with sqlite_db.read() as tables:
        [taken, _] = await tables.audit.of(T1)
        assert await tables.audit.verify(T1)
    assert (taken.actor, taken.action, taken.subject, taken.number) == ("U1", "link.revoked", "l9", 2)
    assert taken.detail == {"guests": 2, "written": rows.NOON.isoformat()}
