import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.migrate import migrate
from storage.repositories.workspaces.audit import CUT, Asked
from storage.repositories.workspaces.audit_chain import START, AuditKeys, NoKey, digest
from storage.repositories.workspaces.audit_verifying import Anchor, Verdict
from storage.schema import Json, UtcTime
from storage.tables import AuditEntry, AuditHead
from tests.storage import rows
from tests.storage.rows import T1, U1
from tests.support.audit import KEYS


async def add(db: Database, action: str = "link.created", where: str = T1) -> None:
    async with db.begin() as tables:
        await tables.audit.add(where, U1, action, "l1", {"hours": 4, "title": "Grüße"})


async def verified(db: Database, where: str = T1, anchor: Anchor | None = None) -> Verdict:
    async with db.read() as tables:
        return await tables.audit.verify(where, anchor)


async def change(db: Database, which: int, **values: object) -> None:
    async with db.begin() as tables:
        row = (AuditEntry.workspace_id == T1, AuditEntry.number == which)
        await tables.session.execute(sa.update(AuditEntry).where(*row).values(**values))


async def remove(db: Database, *numbers: int) -> None:
    async with db.begin() as tables:
        which = (AuditEntry.workspace_id == T1, AuditEntry.number.in_(numbers))
        await tables.session.execute(sa.delete(AuditEntry).where(*which))


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


CHANGES: list[dict[str, Any]] = [
    {"actor": "U2"},
    {"action": "nothing"},
    {"subject": "l2"},
    {"outcome": "refused"},
    {"body": '{"hours":5}'},
    {"body": "no JSON"},
    {"number": 30},
    {"at": rows.NOON},
    {"mac": "f" * 64},
    {"mac": "no seal"},
    {"key_id": ""},
    {"key_id": "nobody's"},
]


async def test_a_changed_entry_is_named(chain: Database) -> None:
    async with chain.read() as tables:
        third = (await tables.audit.of(T1))[2]
    for values in CHANGES:
        await change(chain, 3, **values)
        found = await verified(chain)
        assert not found and found.broken_at == 3 and found.why, values
        assert await verified(chain, "T2")
        was = {name: getattr(third, name) for name in values}
        await change(chain, values.get("number", 3), **was)
        assert await verified(chain)


async def test_two_that_changed_places_show(chain: Database) -> None:
    for before, after in ((2, 90), (3, 2), (90, 3)):
        await change(chain, before, number=after)
    assert (await verified(chain)).broken_at == 2


async def test_an_entry_taken_out_shows(chain: Database) -> None:
    await remove(chain, 3)
    assert (await verified(chain)).broken_at == 3


async def test_an_end_that_is_cut_off_shows_by_the_head_and_without_that_by_an_anchor(chain: Database) -> None:
    async with chain.read() as tables:
        anchor = await tables.audit.head(T1)
    assert anchor and anchor.number == 5 and await verified(chain, anchor=anchor)
    assert (await verified(chain, anchor=Anchor(5, "f" * 64))).broken_at == 5
    await remove(chain, 4, 5)
    assert (await verified(chain)).broken_at == 4
    async with chain.begin() as tables:
        third = (await tables.audit.of(T1))[0]
        cut = sa.update(AuditHead).where(AuditHead.workspace_id == T1).values(number=3, mac=third.mac)
        await tables.session.execute(cut)
    assert await verified(chain)
    assert (await verified(chain, anchor=anchor)).broken_at == 4


async def test_entries_of_one_workspace_cannot_be_carried_into_another(chain: Database) -> None:
    async with chain.begin() as tables:
        for table in (AuditEntry, AuditHead):
            await tables.session.execute(sa.delete(table).where(table.workspace_id == T1))
            await tables.session.execute(sa.update(table).where(table.workspace_id == "T2").values(workspace_id=T1))
    assert (await verified(chain)).broken_at == 1


async def test_what_was_removed_in_front_when_its_time_was_over_is_missed_by_nobody(chain: Database) -> None:
    async with chain.begin() as tables:
        cut = await tables.audit.cut(T1, rows.NOON.replace(year=9999), 3)
        assert cut and (cut.count, cut.upto) == (3, 3)
        await tables.audit.add(T1, "usher", CUT, T1, {"upto": cut.upto, "hash": cut.hash})
    found = await verified(chain)
    assert found and found.checked == 3
    assert await verified(chain, anchor=Anchor(3, cut.hash)) and not await verified(chain, anchor=Anchor(3, "f" * 64))
    assert "removed" in (await verified(chain, anchor=Anchor(2, "f" * 64))).why
    await remove(chain, 4)
    assert (await verified(chain)).broken_at == 4


async def test_entries_of_before_a_new_master_key_are_read_with_the_old_one_and_told_of_without_it(
    chain: Database, database_url: str
) -> None:
    old, new = KEYS.known, {"newer": b"n" * 32}
    keys = AuditKeys({**new, **old})
    rotated = Database(database_url, keys)
    await add(rotated)
    found = await verified(rotated)
    assert found and (found.checked, found.unread) == (6, 0)
    keys.known = new
    assert (await verified(rotated)).unread == 5
    await rotated.close()
    found = await verified(chain)  # what came later under a key that is not there is nobody's
    assert found.broken_at == 6


async def test_a_key_that_was_made_since_is_looked_for(chain: Database, database_url: str) -> None:
    newer = Database(database_url, AuditKeys({"newer": b"n" * 32}))
    await add(newer)
    await newer.close()
    before = Database(database_url, AuditKeys(KEYS.known, lambda: {"newer": b"n" * 32, **KEYS.known}))
    assert await verified(before)
    await before.close()


async def test_nothing_is_added_without_a_key(chain: Database, database_url: str) -> None:
    without = Database(database_url)
    with pytest.raises(NoKey):
        await add(without)
    await without.close()


async def test_entries_are_found_by_who_what_and_how_it_ended_page_after_page(chain: Database) -> None:
    async with chain.begin() as tables:
        await tables.audit.add(T1, "U2", "call.refused", "c1")
        await tables.audit.add(T1, U1, "approval.decided", "a1", outcome="denied")
    async with chain.read() as tables:

        async def found(**asked: Any) -> list[int]:
            return [each.number for each in await tables.audit.found(T1, Asked(**asked), 3)]

        assert await found(actor="U2") == [6]
        assert await found(outcome="refused") == [6] and await found(outcome="denied") == [7]
        assert await found(actions=["act.1", "act.2", "call.refused"]) == [6, 3, 2]
        assert await found() == [7, 6, 5] and await found(before=5) == [4, 3, 2]
        assert await found(since=rows.NOON.replace(year=9999)) == []
        assert await tables.audit.count(T1, Asked(actor=U1), 4) == 4


async def test_many_at_once_make_one_chain(db: Database) -> None:
    await rows.workspace(db)
    await asyncio.gather(*(add(db, f"act.{number}") for number in range(30)))
    async with db.read() as tables:
        entries = await tables.audit.of(T1)
    assert [each.number for each in entries] == list(range(30, 0, -1))
    assert await verified(db)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (Asked(actor=U1), "actor"),
        (Asked(actions=["call.made"]), "action"),
        (Asked(outcome="refused"), "outcome"),
        (Asked(before=9), "sqlite_autoindex"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_what_is_looked_for_is_found_by_an_index(sqlite_db: Database, asked: Asked, index: str) -> None:
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in cursor.fetchall())

    sa.event.listen(sqlite_db.engine.sync_engine, "before_cursor_execute", explain)
    async with sqlite_db.read() as tables:
        await tables.audit.found(T1, asked, 20)
    assert index in plans[0] and "SCAN" not in plans[0] and "TEMP B-TREE" not in str(plans), plans


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


async def test_an_entry_is_verified_as_it_was_written_whatever_is_in_it(db: Database) -> None:
    await rows.workspace(db)
    added = []
    for detail in ODD.values():
        async with db.begin() as tables:
            added.append(await tables.audit.add(T1, "U\0 1", "act", "half \ud83d", detail))
    async with db.read() as tables:
        stored = (await tables.audit.of(T1))[::-1]
    assert [json.dumps(each.detail) for each in stored] == [json.dumps(each.detail) for each in added]
    assert {(each.actor, each.subject) for each in stored} == {("U\ufffd 1", "half \ufffd")}
    assert await verified(db)
    large = next(each for each in stored if each.detail == ODD["large float"])
    for changed in ({"share": 10**16 + 2}, {"share": 1e16 + 2}, {"share": "1e16"}, {}, {"share": 1e16, "m": 1}):
        body = json.dumps({**json.loads(large.body), "detail": changed}, sort_keys=True, separators=(",", ":"))
        await change(db, large.number, body=body)
        assert (await verified(db)).broken_at == large.number, changed


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


async def test_entries_of_before_the_upgrade_are_carried_over_and_held_by_what_follows(empty_url: str) -> None:
    """As the first version wrote them: hashed without a key, before PostgreSQL wrote their numbers anew."""
    await migrate(empty_url, "0001")
    db, previous = Database(empty_url, KEYS), START
    async with db.begin() as tables:
        await tables.session.execute(sa.insert(OLD_WORKSPACES).values(id=T1, name="", created_at=rows.NOON))
    for number, detail in enumerate(BEFORE, 1):
        values = {"workspace_id": T1, "number": number, "at": rows.NOON, "actor": U1, "action": "act", "subject": "s"}
        before, previous = previous, digest(AuditEntry(**values), detail, previous)
        stored = {**values, "id": f"e{number}", "detail": detail, "previous": before, "hash": previous}
        async with db.begin() as tables:
            await tables.session.execute(sa.insert(OLD).values(stored))
    await db.close()
    await migrate(empty_url)
    db = Database(empty_url, KEYS)
    assert (await verified(db)).unsealed == 4
    async with db.begin() as tables:
        assert await tables.audit.restart(T1) and not await tables.audit.restart(T1)
    await add(db)
    async with db.read() as tables:
        newest, restarted, oldest = (await tables.audit.of(T1))[:3]
    assert (newest.number, restarted.action, restarted.detail) == (6, "chain.restarted", {"upto": 4, "hash": previous})
    assert oldest.detail == BEFORE[-1]
    found = await verified(db)
    assert found and (found.checked, found.unsealed) == (6, 4)
    await change(db, 3, body='{"share":2e16}')
    assert (await verified(db)).broken_at == 3
    await db.close()
