"""A turn claimed while ten thousand others wait, on SQLite and on PostgreSQL; beside an empty queue.

On PostgreSQL the plan is looked at too: it has to stop at the first row, and sort nothing.
"""

import re

from benchmarks.parts.claims import LEASE, claims
from benchmarks.parts.filling import TEAM
from benchmarks.parts.plans import plans_of
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from storage.database import Database
from storage.migrate import migrate
from storage.schema import now
from tests.support.postgres import running_postgres

WAITING, CLAIMS, FEW = 10_000, 200, 100
SORTED = re.compile(r"Sort  \(cost=\S+ rows=(\d+)")


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
                figures |= spread(f"{engine}_claim", await claims(db, waiting, rounds))
                if db.is_postgres:
                    figures["sorts"] = await _sorts(db, quick=quick)
            finally:
                await db.close()
    ratio = {name: figures[name] / baseline[name] for name in baseline}
    return Measured(figures, baseline, ratio, {"sqlite_claim_p50_ms": 1.0, "postgres_claim_p50_ms": 1.0, "sorts": 0.0})


async def _sorts(db: Database, *, quick: bool) -> float:
    """How many nodes of the plans of a claim sort many rows; what runs and has lapsed is few, and may be sorted."""
    plans = await plans_of(db, lambda tables: tables.turns.claim("benchmark", now(), LEASE))
    if not plans:
        raise RuntimeError("a claim asked nothing")
    return 0.0 if quick else float(sum(int(rows) > FEW for plan in plans for rows in SORTED.findall(plan)))


if __name__ == "__main__":
    main("looking.backlog", __doc__, measure)
