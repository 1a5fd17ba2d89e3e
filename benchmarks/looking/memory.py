"""A search in memory, by words and by meaning, among 10,000 and 100,000 pieces; beside a thousand.

Of the latter, 1,000 are the member's who asks, as in a house of a hundred; one member who has 10,000 is the worst
case. How many questions find their text among ten is measured on docstrings of installed packages.
DATABASE_URL may name an empty PostgreSQL database, which is then filled. Else it is an SQLite file, gone afterwards.
"""

import os
import random
import time
from datetime import UTC, datetime, timedelta

from benchmarks.parts.docstrings import recall, texts
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from storage.database import Database
from storage.members import Member
from storage.migrate import migrate
from storage.repositories.memories.memories import Piece, Within
from storage.search.rankings import fused

TEAM, MODEL, DIMENSIONS, AT_ONCE = "T1", "bench:768", 768, 1_000
AT = datetime(2026, 1, 1, tzinfo=UTC)
ANYWHERE = Within()
ASKED = 60
BARS = {"search_p50_ms": 100, "of_one_search_p50_ms": 250}


async def measure(quick: bool) -> Measured:
    few, many, whole = (50, 200, 150) if quick else (1_000, 100_000, 10_000)
    asked = 5 if quick else ASKED
    with folder() as where:
        url = os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{where / 'usher.db'}"
        await migrate(url)
        db = Database(url)
        try:
            corpus = texts(100, ["slack_bolt", "alembic"]) if quick else texts(8_000)
            first, worst = Member(TEAM, "U0"), Member(TEAM, "UALL")
            await _fill(db, first, few, corpus)
            baseline = await _searched(db, first, corpus, asked)
            figures = {"recall_at_10": await _recall(db, corpus)}
            await _fill(db, worst, whole, corpus)
            figures |= {f"of_one_{name}": value for name, value in (await _searched(db, worst, corpus, asked)).items()}
            for number in range(1, (many - whole) // few):
                await _fill(db, Member(TEAM, f"U{number}"), few, corpus)
            figures |= await _searched(db, first, corpus, asked)
        finally:
            await db.close()
    ratio = {name: figures[name] / baseline[name] for name in baseline}
    return Measured({"pieces": many, **figures}, {"pieces": few, **baseline}, ratio, BARS)


async def _fill(db: Database, member: Member, count: int, corpus: list[tuple[str, str]]) -> None:
    dice = random.Random(member.id)
    async with db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        chat = await tables.conversations.open(TEAM, member.id, "slack", member.id, {})
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(count, start + AT_ONCE))
        pieces = [Piece(f"{corpus[number % len(corpus)][1]} number {number}") for number in numbers]
        async with db.begin() as tables:
            await tables.memories.add(member, chat.id, pieces, AT)
            due = await tables.vectors.take(AT, AT_ONCE, timedelta(hours=1))
            vectors = {each.number: [dice.gauss(0, 1) for _ in range(DIMENSIONS)] for each in due}
            await tables.vectors.keep(MODEL, vectors)


async def _searched(db: Database, member: Member, corpus: list[tuple[str, str]], times: int) -> dict[str, float]:
    """By words alone, and as a whole."""
    dice = random.Random(7)
    taken: dict[str, list[float]] = {"words": [], "search": []}
    for question, _ in corpus[:times]:
        vector = [dice.gauss(0, 1) for _ in range(DIMENSIONS)]
        async with db.read() as tables:
            begun = time.perf_counter()
            ranked = await tables.memories.by_words(member, question, ANYWHERE)
            taken["words"].append(time.perf_counter() - begun)
            near = await tables.vectors.nearest(member, vector, MODEL)
            best = fused(ranked, near, weights=(1.0, 0.7), most=8)
            await tables.memories.shown(member, best, ANYWHERE)
            taken["search"].append(time.perf_counter() - begun)
    return {key: value for name, each in taken.items() for key, value in spread(name, each).items()}


async def _recall(db: Database, corpus: list[tuple[str, str]]) -> float:
    """By words alone, of all texts at once."""
    member = Member(TEAM, "URECALL")
    async with db.begin() as tables:
        chat = await tables.conversations.open(TEAM, member.id, "slack", member.id, {})
    for start in range(0, len(corpus), AT_ONCE):
        async with db.begin() as tables:
            await tables.memories.add(member, chat.id, [Piece(each) for _, each in corpus[start : start + AT_ONCE]], AT)

    async def found(question: str) -> list[str]:
        async with db.read() as tables:
            numbers = await tables.memories.by_words(member, question, ANYWHERE, 10)
            return [memory.text for memory, _ in await tables.memories.shown(member, numbers, ANYWHERE)]

    return await recall(corpus, found, min(600, len(corpus)))


if __name__ == "__main__":
    main("looking.memory", __doc__, measure)
