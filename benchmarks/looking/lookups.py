"""A guest's link, session and chat, found among a million links and ten million messages; beside ten thousand links.

And a turn, claimed while ten thousand others wait; beside an empty queue.

DATABASE_URL may name an empty PostgreSQL database, which is then filled. Else it is an SQLite file, gone afterwards.
"""

import os
import random
import time
from collections.abc import Awaitable, Callable

from benchmarks.parts.claims import claims
from benchmarks.parts.filling import TEAM, filled, secret_hash, token_hash
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from storage.database import Database, Tables
from storage.migrate import migrate

FEW, MANY = 10_000, 1_000_000
WARM, ASKED, CLAIMS = 200, 1_000, 100
Look = Callable[[Tables, int], Awaitable[object]]
LOOKS: dict[str, Look] = {
    "link": lambda tables, number: tables.links.by_token_hash(token_hash(number)),
    "session": lambda tables, number: tables.sessions.by_secret(f"l{number}", secret_hash(number)),
    "messages": lambda tables, number: tables.messages.of(TEAM, f"c{number}"),
    "log": lambda tables, number: tables.events.after(TEAM, f"c{number}", 0),
}


async def measure(quick: bool) -> Measured:
    few, many = (50, 500) if quick else (FEW, int(os.environ.get("LINKS", MANY)))
    warm, asked, waiting = (2, 10, 5) if quick else (WARM, ASKED, CLAIMS)
    with folder() as where:
        url = os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{where / 'usher.db'}"
        await migrate(url)
        db = Database(url)
        try:
            await filled(db, 0, few)
            baseline = await _looked(db, few, warm, asked) | spread("claim", await claims(db, 0, waiting))
            await filled(db, few, many)
            figures = await _looked(db, many, warm, asked)
            figures |= spread("claim", await claims(db, few, waiting))
        finally:
            await db.close()
    ratio = {name: figures[name] / baseline[name] for name in figures}
    times = {f"{name}_times": ratio[f"{name}_p50_ms"] for name in LOOKS}
    bars = {**dict.fromkeys(times, 1.5), "claim_p50_ms": 1}
    return Measured({"links": many, **figures, **times}, {"links": few, **baseline}, ratio, bars)


async def _looked(db: Database, links: int, warm: int, asked: int) -> dict[str, float]:
    """The kinds by turns, each time at another place."""
    dice = random.Random(7)
    taken: dict[str, list[float]] = {name: [] for name in LOOKS}
    for round_ in range(warm + asked):
        number = dice.randrange(links)
        for name, look in LOOKS.items():
            passed = await _timed(db, look, number)
            if round_ >= warm:
                taken[name].append(passed)
    return {key: value for name in LOOKS for key, value in spread(name, taken[name]).items()}


async def _timed(db: Database, look: Look, number: int) -> float:
    async with db.read() as tables:
        begun = time.perf_counter()
        found = await look(tables, number)
        passed = time.perf_counter() - begun
    if not found:
        raise RuntimeError(f"number {number} is not there")
    return passed


if __name__ == "__main__":
    main("looking.lookups", __doc__, measure)
