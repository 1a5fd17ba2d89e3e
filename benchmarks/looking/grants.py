"""What an agent may do, looked up before a call among many grants; beside the same look for a member in person.

And beside one look by a primary key.

DATABASE_URL may name an empty PostgreSQL database, which is then filled. Else it is an SQLite file, gone afterwards.
"""

import os
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial

import sqlalchemy as sa

from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from storage.database import Database
from storage.engines.single_reads import SingleReads
from storage.migrate import migrate
from storage.repositories.mcp.standing import ForAgent
from storage.tables import Agent, AgentGrant, Connection, PinnedTool

TEAM, OWNER = "T0LOCAL", "U1"
AGENTS, CONNECTIONS = 20, 2_000
WARM, ASKED = 200, 2_000
TOOL = "list_issues"
PRIMARY_KEY = sa.select(AgentGrant.scope).where(
    AgentGrant.workspace_id == sa.bindparam("workspace"),
    AgentGrant.agent_id == sa.bindparam("agent"),
    AgentGrant.target_id == sa.bindparam("target"),
)


async def measure(quick: bool) -> Measured:
    agents, connections = (2, 5) if quick else (AGENTS, CONNECTIONS)
    warm, asked = (2, 10) if quick else (WARM, ASKED)
    with folder() as where:
        url = os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{where / 'usher.db'}"
        await migrate(url)
        db = Database(url)
        try:
            await _filled(db, agents, connections)
            times = await _looked(db, agents, connections, warm, asked)
        finally:
            await db.close()
    baseline = spread("primary_key", times["primary_key"]) | spread("in_person", times["in_person"])
    figures = {"grants": agents * connections, **spread("by_agent", times["by_agent"])}
    figures |= {f"by_agent_over_{name}_ms": figures["by_agent_p50_ms"] - baseline[f"{name}_p50_ms"] for name in OTHERS}
    ratio = {f"by_agent_to_{name}": figures["by_agent_p50_ms"] / baseline[f"{name}_p50_ms"] for name in OTHERS}
    return Measured(figures, baseline, ratio, {"by_agent_p50_ms": 1})


OTHERS = ("primary_key", "in_person")


async def _filled(db: Database, agents: int, connections: int) -> None:
    async with db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        session = tables.session
        session.add_all(Agent(workspace_id=TEAM, id=f"a{n}", name=f"A{n}", called=f"a{n}") for n in range(agents))
        session.add_all(
            Connection(id=f"c{n}", workspace_id=TEAM, member_id=OWNER, card="github", title="G", slug=f"g{n}", spec={})
            for n in range(connections)
        )
        await session.flush()
        session.add_all(
            PinnedTool(workspace_id=TEAM, connection_id=f"c{n}", name=TOOL, definition={}, pin="p", policy="free")
            for n in range(connections)
        )
        session.add_all(
            AgentGrant(workspace_id=TEAM, agent_id=f"a{a}", target_id=f"c{n}", scope="read_only", granted_by=OWNER)
            for a in range(agents)
            for n in range(connections)
        )
    if db.is_postgres:
        async with db.begin() as tables:
            await tables.session.execute(sa.text("ANALYZE"))


async def _looked(db: Database, agents: int, connections: int, warm: int, asked: int) -> dict[str, list[float]]:
    """By turns, each time at another place, so that all meet the same weather."""
    dice, bare = random.Random(7), SingleReads(db.engine)
    taken: dict[str, list[float]] = {name: [] for name in ("by_agent", *OTHERS)}
    for round_ in range(warm + asked):
        agent, target = f"a{dice.randrange(agents)}", f"c{dice.randrange(connections)}"
        of_tool, of_grant = (TEAM, OWNER, target, TOOL), {"workspace": TEAM, "agent": agent, "target": target}
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "by_agent": partial(db.standing.for_agent, *of_tool, ForAgent(agent)),
            "in_person": partial(db.standing.of, *of_tool),
            "primary_key": partial(bare.first, PRIMARY_KEY, of_grant),
        }
        for name, act in acts.items():
            begun = time.perf_counter()
            found = await act()
            passed = time.perf_counter() - begun
            if not found:
                raise RuntimeError(f"{name} of {agent} on {target} is not there")
            if round_ >= warm:
                taken[name].append(passed)
    return taken


if __name__ == "__main__":
    main("looking.grants", __doc__, measure)
