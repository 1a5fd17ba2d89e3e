import asyncio
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from storage.database import Database, Tables
from storage.schema import new_id
from storage.tables import Connection, Conversation, PinnedTool
from tests.storage import rows
from tests.storage.rows import T1, U1


async def add_one(tables: Tables, conversation_id: str) -> None:
    """Read, then write what was read plus one: the shape that loses updates."""
    row = await tables.session.get_one(Conversation, conversation_id, with_for_update=True)
    await asyncio.sleep(0)
    row.last_seq += 1


async def test_no_update_is_lost_among_many_writers(db: Database) -> None:
    chat = await rows.conversation(db)

    async def write() -> None:
        for _ in range(10):
            async with db.begin() as tables:
                await add_one(tables, chat.id)

    await asyncio.gather(*(write() for _ in range(8)))
    async with db.read() as tables:
        found = await tables.conversations.get(T1, chat.id)
    assert found and found.last_seq == 80


async def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    chat = await rows.conversation(db)
    with pytest.raises(RuntimeError):
        async with db.begin() as tables:
            await tables.events.add(T1, chat.id, None, "message", {})
            raise RuntimeError
    async with db.read() as tables:
        assert await tables.events.after(T1, chat.id, 0) == []
        found = await tables.conversations.get(T1, chat.id)
    assert found and found.last_seq == 0


async def test_a_reader_waits_for_no_writer(db: Database) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as writing:
        await writing.events.add(T1, chat.id, None, "message", {})
        async with asyncio.timeout(60), db.read() as reading:
            assert await reading.events.after(T1, chat.id, 0) == []


async def test_what_is_read_together_is_of_one_moment(db: Database) -> None:
    chat = await rows.conversation(db)
    async with db.read() as reading:
        assert await reading.events.after(T1, chat.id, 0) == []
        async with db.begin() as tables:
            await tables.events.add(T1, chat.id, None, "message", {})
        assert await reading.events.after(T1, chat.id, 0) == []
        found = await reading.conversations.get(T1, chat.id)
    assert found and found.last_seq == 0


async def test_who_only_reads_cannot_write(postgres_db: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with postgres_db.read() as tables:
            await tables.workspaces.ensure(T1)


async def test_rows_outlive_their_transaction(db: Database) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        found = await tables.conversations.get(T1, chat.id)
        assert await tables.conversations.update(T1, chat.id, summary="short")
    assert found and (found.key, found.place) == ("U1:chat-1", {"channel": "C1"})


async def test_what_is_read_again_is_what_is_stored_now(db: Database) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        await tables.conversations.get(T1, chat.id)
        await tables.conversations.update(T1, chat.id, summary="short")
        found = await tables.conversations.get(T1, chat.id)
    assert found and found.summary == "short"


async def test_times_come_back_as_the_same_moment_in_utc(db: Database) -> None:
    tokyo = datetime(2030, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    link = await rows.link(db, expires_at=tokyo)
    async with db.read() as tables:
        found = await tables.links.get(T1, link.id)
    assert found and found.expires_at == tokyo and found.expires_at.tzinfo == UTC


async def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        await rows.link(db, expires_at=datetime(2030, 1, 1))


async def test_foreign_keys_are_enforced(db: Database) -> None:
    with pytest.raises(IntegrityError):
        async with db.begin() as tables:
            await tables.conversations.add(
                Conversation(workspace_id="nowhere", member_id=U1, door="slack", key="chat-1")
            )


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("nothing \0 here", "nothing \N{REPLACEMENT CHARACTER} here"),
        ("half a \ud83d pair", "half a \N{REPLACEMENT CHARACTER} pair"),
        ("two halves \ud83d\ude00", "two halves \N{GRINNING FACE}"),
        (r"letters \u0000 and \\u0000", r"letters \u0000 and \\u0000"),
        ("Grüße 日本 \N{DOG}", "Grüße 日本 \N{DOG}"),
    ],
)
async def test_text_that_a_database_cannot_keep_is_made_plain(db: Database, told: str, kept: str) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        await tables.events.add(T1, chat.id, None, "message", {"text": told, told: [told]})
        await tables.conversations.update(T1, chat.id, summary=told)
    async with db.read() as tables:
        [event] = await tables.events.after(T1, chat.id, 0)
        found = await tables.conversations.get(T1, chat.id)
    assert event.body == {"text": kept, kept: [kept]}
    assert found and found.summary == kept


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (NAN, None),
        (-INF, None),
        ([1.5, INF, {"deep": (NAN, "NaN")}], [1.5, None, {"deep": [None, "NaN"]}]),
        ({NAN: 1, 2.5: NAN}, {"nan": 1, "2.5": None}),
        (10**300, 10**300),
        (1e15, 1e15),
    ],
)
async def test_a_number_that_no_json_has_is_kept_as_null(db: Database, told: Any, kept: Any) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        await tables.events.add(T1, chat.id, None, "message", {"told": told})
    async with db.read() as tables:
        [event] = await tables.events.after(T1, chat.id, 0)
    assert event.body == {"told": kept}


async def test_nothing_stored_as_json_is_null_for_the_database_too(db: Database) -> None:
    of = await rows.connection(db)
    async with db.begin() as tables:
        await tables.tools.save([rows.tool(of, "one", offered=None), rows.tool(of, "two")])
    async with db.read() as tables:
        count = sa.select(sa.func.count()).select_from(PinnedTool).where(PinnedTool.offered_json.is_(None))
        assert await tables.session.scalar(count) == 2


def test_ids_sort_by_age_and_are_version_7() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {each[14] for each in ids} == {"7"} and {each[19] for each in ids} <= set("89ab")
    assert [each[:13] for each in ids] == sorted(each[:13] for each in ids)


async def test_many_at_once_wait_for_a_place_rather_than_fail(db: Database) -> None:
    await rows.workspace(db)

    async def connect(number: int) -> Connection:
        return await rows.connection(db, slug=f"s{number}")

    await asyncio.gather(*(connect(number) for number in range(50)))
    async with db.read() as tables:
        assert len(await tables.connections.of(T1, U1)) == 50


async def test_an_error_of_the_database_quotes_nothing_that_is_stored(db: Database) -> None:
    chat = await rows.conversation(db)
    with pytest.raises(IntegrityError) as refused:
        async with db.begin() as tables:
            twin = Conversation(id=chat.id, workspace_id=T1, member_id=U1, door="slack", key="k", summary="private")
            tables.session.add(twin)
    assert "private" not in str(refused.value)


def test_the_file_of_the_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        Database(f"sqlite+aiosqlite:///{tmp_path}/usher.db")
    finally:
        os.umask(before)
    assert (tmp_path / "usher.db").stat().st_mode & 0o777 == 0o600


async def test_a_writer_that_does_not_end_holds_the_next_one_up_for_a_while_only(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.WRITERS_WAIT", 0.05)
    async with sqlite_db.begin():
        with pytest.raises(TimeoutError):
            async with sqlite_db.begin():
                pass
    async with sqlite_db.begin() as tables:
        await tables.workspaces.ensure("T1")
