"""A turn claimed while ten thousand others wait, on SQLite and on PostgreSQL; beside an empty queue.

They wait each in a conversation of its own (``claim``), fifty in each (``deep``), or all in a workspace that has its
share (``full``). On PostgreSQL the plan is looked at too: it has to stop at the first row, and sort nothing.
"""

import re

from benchmarks.parts.claims import LEASE, claims, known, looks_and_claims, queued
from benchmarks.parts.filling import TEAM
from benchmarks.parts.plans import plans_of, seconds_of
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from storage.database import Database
from storage.migrate import migrate
from storage.repositories.conversations.among import Among, Due
from storage.schema import now
from storage.tables import Turn
from tests.support.postgres import running_postgres

WAITING, CLAIMS, FEW, EACH = 10_000, 200, 100, 50
BUSY = "T9BUSY"
SORTED = re.compile(r"Sort  \(cost=\S+ rows=(\d+)")
BARS = {"sqlite_claim_p50_ms": 1.0, "postgres_claim_p50_ms": 1.0, "server_claim_p50_ms": 1.0, "sorts": 0.0}


async def measure(quick: bool) -> Measured:
    waiting, rounds = (50, 5) if quick else (WAITING, CLAIMS)
    with folder() as where, running_postgres() as postgres:
        postgres.psql("CREATE DATABASE backlog")
        urls = {"sqlite": f"sqlite+aiosqlite:///{where / 'usher.db'}", "postgres": postgres.url("backlog")}
        figures, baseline = {"waiting": float(waiting)}, dict[str, float]()
        for engine, url in urls.items():
            await migrate(url)
            db = Database(url)
            try:
                async with db.begin() as tables:
                    await tables.workspaces.ensure(TEAM)
                baseline |= spread(f"{engine}_claim", await claims(db, 0, rounds))
                figures |= await _on(db, engine, waiting, rounds)
                if db.is_postgres:
                    figures |= await _by_itself(db, rounds, quick=quick)
                figures |= await _otherwise(db, engine, waiting, rounds)
            finally:
                await db.close()
    ratio = {name: figures[name] / baseline[name] for name in baseline}
    return Measured(figures, baseline, ratio, BARS)


async def _on(db: Database, engine: str, waiting: int, rounds: int) -> dict[str, float]:
    await queued(db, waiting, long_ago=False)
    await known(db)
    looks, taken = await looks_and_claims(db, rounds)
    return {**spread(f"{engine}_look", looks, 50), **spread(f"{engine}_claim", taken)}


async def _otherwise(db: Database, engine: str, waiting: int, rounds: int) -> dict[str, float]:
    """The same queue in other shapes, with one more that may be claimed."""
    figures: dict[str, float] = {}
    for shape, each in (("deep", EACH), ("full", 1)):
        async with db.begin() as tables:
            await tables.session.execute(Turn.__table__.delete())
        await queued(db, waiting, long_ago=False, team=TEAM if shape == "deep" else BUSY, each=each)
        await known(db)
        among = Among() if shape == "deep" else Among(full={"slack": [BUSY]}, after={"slack": TEAM})
        looks, taken = await looks_and_claims(db, rounds, among)
        figures |= {**spread(f"{engine}_{shape}_look", looks, 50), **spread(f"{engine}_{shape}_claim", taken, 50)}
    return figures


async def _by_itself(db: Database, rounds: int, *, quick: bool) -> dict[str, float]:
    """How many nodes of a claim's plans sort many rows (what runs and has lapsed is few), and PostgreSQL's times."""
    due = Due(lapsed=False, waiting={"slack": TEAM}, untold=False)
    looked = await seconds_of(db, lambda tables: tables.turns.due(now(), 20), rounds)
    taken = await seconds_of(db, lambda tables: tables.turns.claim("benchmark", now(), LEASE, due=due), rounds)
    plans = await plans_of(db, lambda tables: tables.turns.claim("benchmark", now(), LEASE))
    if not plans:
        raise RuntimeError("a claim asked nothing")
    sorts = 0.0 if quick else float(sum(int(rows) > FEW for plan in plans for rows in SORTED.findall(plan)))
    return {"sorts": sorts, **spread("server_look", looked), **spread("server_claim", taken)}


if __name__ == "__main__":
    main("looking.backlog", __doc__, measure)
