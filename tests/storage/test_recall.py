"""How often a question finds its text by words alone: docstrings of installed packages, asked for by their heads."""

from datetime import UTC, datetime

import pytest

from benchmarks.parts.docstrings import recall, texts
from storage.database import Database
from storage.members import Member
from storage.repositories.memories.memories import Piece, Within
from tests.storage import rows

ANN = Member("T1", "U1")
TEXTS, QUESTIONS = 1_200, 150


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, str]]:
    return texts(TEXTS, ["sqlalchemy"])


async def test_two_of_three_questions_find_their_text_among_ten(db: Database, corpus: list[tuple[str, str]]) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        await tables.memories.add(ANN, chat.id, [Piece(text) for _, text in corpus], datetime(2026, 1, 1, tzinfo=UTC))

    async def found(question: str) -> list[str]:
        async with db.read() as tables:
            numbers = await tables.memories.by_words(ANN, question, Within(), 10)
            return [memory.text for memory, _ in await tables.memories.shown(ANN, numbers, Within())]

    assert len(corpus) == TEXTS
    assert await recall(corpus, found, QUESTIONS) >= 0.65
