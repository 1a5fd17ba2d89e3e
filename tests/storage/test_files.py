"""What a tool gave is kept until it is shown, and no longer."""

from datetime import timedelta

from storage.database import Database, Tables
from storage.schema import now
from tests.storage import rows
from tests.storage.rows import T1

DAY = timedelta(days=1)
PICTURE, SOUND = ("image/png", b"\x89PNG\x00"), ("audio/wav", b"RIFF")


async def kept(tables: Tables, turn_id: str) -> list[tuple[str, str, bytes]]:
    return [(each.call, each.mime, each.content) for each in await tables.files.of_turn(T1, turn_id)]


async def test_files_come_back_byte_for_byte_call_by_call(db: Database) -> None:
    turn = await rows.turn(db, await rows.conversation(db), "m1")
    async with db.begin() as tables:
        await tables.files.keep(T1, turn.id, "b", "Photo", [SOUND, PICTURE])
        await tables.files.keep(T1, turn.id, "a", "Photo", [PICTURE])
    async with db.read() as tables:
        assert await kept(tables, turn.id) == [("b", *SOUND), ("b", *PICTURE), ("a", *PICTURE)]
        assert await tables.files.of_turn("T2", turn.id) == []


async def test_a_call_that_was_run_again_keeps_only_what_it_gave_last(db: Database) -> None:
    turn = await rows.turn(db, await rows.conversation(db), "m1")
    async with db.begin() as tables:
        await tables.files.keep(T1, turn.id, "a", "Photo", [PICTURE, SOUND])
        await tables.files.keep(T1, turn.id, "a", "Photo", [SOUND])
        assert await kept(tables, turn.id) == [("a", *SOUND)]
        assert await tables.files.drop(T1, turn.id, "a") == 1
        assert await kept(tables, turn.id) == []


async def test_what_nobody_will_show_any_more_goes(db: Database) -> None:
    chat = await rows.conversation(db)
    told, waits = await rows.turn(db, chat, "m1"), await rows.turn(db, chat, "m2")
    async with db.begin() as tables:
        for turn in (told, waits):
            await tables.files.keep(T1, turn.id, "a", "Photo", [PICTURE])
        await tables.turns.change(told, told=True)
        assert await tables.files.purge(now() - DAY) == 1
        assert await kept(tables, told.id) == [] and await kept(tables, waits.id) == [("a", *PICTURE)]
        assert await tables.files.purge(now() + DAY) == 1
