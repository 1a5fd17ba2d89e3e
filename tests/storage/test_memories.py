"""What is remembered is found again, by its member alone, alike on both databases; and goes without a trace."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.members import Member
from storage.repositories.memories.memories import Piece, Within
from storage.schema import new_id
from storage.tables import MemorySigns, MemoryVector
from tests.storage import rows

ANN, BEN = Member("T1", "U1"), Member("T1", "U2")
THEN = datetime(2026, 1, 1, tzinfo=UTC)
ANYWHERE = Within()
NOTES = [
    Piece("Die Rechnung ABC-123 über 400 Euro ist bezahlt."),
    Piece("Crème brûlée needs six egg yolks."),
    Piece("東京都の天気は晴れです。"),
    Piece('{"name": "getFileContent", "state": "open"}', "tool", "GitHub: Search code", "repo: shop"),
    Piece("The weekly report goes out on Fridays."),
]


async def add(db: Database, member: Member, *pieces: Piece, at: datetime = THEN) -> str:
    await rows.workspace(db)
    async with db.begin() as tables:
        chat = await tables.conversations.open("T1", member.id, "slack", f"{member.id}:{new_id()}", {"channel": "C1"})
        await tables.memories.add(member, chat.id, pieces, at)
    return chat.id


async def found(db: Database, member: Member, query: str, within: Within = ANYWHERE) -> list[str]:
    async with db.read() as tables:
        numbers = await tables.memories.by_words(member, query, within)
        return [memory.text for memory, _ in await tables.memories.shown(member, numbers, within)]


ASKED = {
    "creme brulee": 1,
    "CRÈME": 1,
    "天気": 2,
    "what was with abc-123?": 0,
    "Rechnungsnummer": 0,
    "file content": 3,
    "get_file_content": 3,
    "GitHub shop": 3,
    "a report about Fridays and nothing else whatever": 4,
}
SIGNS = ['"', "a OR", "NOT", "foo:bar*", "' | !", "(((", "\\", "NEAR(", "", "who:0", "%", "\0"]


async def test_words_find_their_piece_and_signs_mean_nothing(db: Database) -> None:
    await add(db, ANN, *NOTES)
    assert {query: (await found(db, ANN, query))[0] for query in ASKED} == {
        query: NOTES[place].text for query, place in ASKED.items()
    }
    for query in SIGNS:
        await found(db, ANN, query)


async def test_nobody_finds_what_is_anothers(db: Database) -> None:
    await add(db, BEN, *NOTES)
    await add(db, ANN, NOTES[1])
    async with db.read() as tables:
        theirs = await tables.memories.by_words(BEN, "report", ANYWHERE)
        assert theirs and await tables.memories.shown(ANN, theirs, ANYWHERE) == []
    for query in ("report", "Rechnung", f"report who {'0' * 32}", '" OR who:*'):
        assert await found(db, ANN, query) == []


async def test_a_search_can_be_limited_to_a_time_and_a_source(db: Database) -> None:
    await add(db, ANN, NOTES[3])
    later = THEN + timedelta(days=30)
    await add(db, ANN, Piece("getFileContent was mended"), at=later)
    assert len(await found(db, ANN, "file content")) == 2
    assert await found(db, ANN, "file content", Within(since=THEN + timedelta(days=1))) == ["getFileContent was mended"]
    assert await found(db, ANN, "file content", Within(until=later)) == [NOTES[3].text]
    assert await found(db, ANN, "file content", Within(source="github")) == [NOTES[3].text]
    assert await found(db, ANN, "file content", Within(source="' OR 1=1 --")) == []


async def test_the_same_twice_is_kept_once_with_its_newest_date(db: Database) -> None:
    await add(db, ANN, *NOTES[:2], NOTES[0])
    newest = await add(db, ANN, NOTES[0], at=THEN + timedelta(days=2))
    async with db.read() as tables:
        assert await tables.memories.count(ANN) == 2
        [(memory, _)] = await tables.memories.shown(
            ANN, await tables.memories.by_words(ANN, "Rechnung", ANYWHERE), ANYWHERE
        )
    assert (memory.at, memory.conversation_id) == (THEN + timedelta(days=2), newest)


async def test_the_nearest_by_meaning_are_the_members_own_and_of_the_same_model(db: Database) -> None:
    for member in (ANN, BEN):
        await add(db, member, *NOTES[:3])
    async with db.begin() as tables:
        due = await tables.vectors.take(THEN, 10, timedelta(minutes=1))
        assert len(due) == 6 and await tables.vectors.take(THEN, 10, timedelta(minutes=1)) == []
        axes = {each.number: [9.0 if each.text == n.text else 4.0 for n in NOTES[:3]] for each in due}
        await tables.vectors.keep("m:3", axes)
        assert await tables.vectors.waiting() == 0
    async with db.read() as tables:
        near = await tables.vectors.nearest(ANN, [0.0, 1.0, 0.0], "m:3")
        [first, *_] = await tables.memories.shown(ANN, near, ANYWHERE)
        assert len(near) == 3 and first[0].text == NOTES[1].text
        assert await tables.vectors.nearest(ANN, [0.0, 1.0, 0.0], "other:3") == []
    async with db.begin() as tables:
        assert await tables.vectors.change_model("m:3", THEN) == 0
        assert await tables.vectors.change_model("newer:3", THEN) == 6
        assert await tables.vectors.waiting() == 6


async def left(db: Database) -> set[int]:
    async with db.read() as tables:
        counts = [sa.select(sa.func.count()).select_from(table) for table in (MemorySigns, MemoryVector)]
        return {await tables.session.scalar(each) or 0 for each in counts}


async def test_a_forgotten_conversation_leaves_no_row_no_vector_and_no_word(db: Database) -> None:
    chat = await add(db, ANN, *NOTES[:2])
    await add(db, ANN, *NOTES[2:])
    async with db.begin() as tables:
        due = await tables.vectors.take(THEN, 10, timedelta(minutes=1))
        mine = [each.number for each in due if each.conversation_id == chat]
        await tables.vectors.keep("m:1", {number: [1.0] for number in mine})
        assert await tables.forgetting.conversation("T1", chat) is True
        assert await tables.forgetting.conversation("T1", chat) is None
    assert await found(db, ANN, "Rechnung") == [] and await left(db) == {0}
    assert await found(db, ANN, "report") == [NOTES[4].text]
    if not db.is_postgres:  # raises when the index and the table do not say the same
        async with db.begin() as tables:
            await tables.session.execute(
                sa.text("INSERT INTO search_memories(search_memories, rank) VALUES ('integrity-check', 1)")
            )


async def test_every_revision_leaves_the_index_its_triggers(sqlite_db: Database) -> None:
    async with sqlite_db.read() as tables:
        triggers = sa.text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'memories'")
        assert await tables.session.scalar(triggers) == 3


@pytest.mark.parametrize("words", [50_000])
async def test_a_very_long_piece_is_taken(db: Database, words: int) -> None:
    """PostgreSQL refuses an INSERT whose words fill more than a megabyte."""
    await add(db, ANN, Piece(" ".join(f"word{number}" for number in range(words))))
    assert len(await found(db, ANN, "word7")) == 1
