"""What PostgreSQL's wall between workspaces costs: work by a role that it holds back, beside one that it lets by.

DATABASE_OWNER_URL names an empty PostgreSQL database as its owner, and DATABASE_URL the same as the role that Usher is.
Without these both are one SQLite file, which has no wall: the ratio is then what chance makes of it.
"""

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import sqlalchemy as sa

from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from bot.services.watch.insights.insights import Insights
from storage.bus.bus import open_bus
from storage.database import Database
from storage.migrate import migrate
from storage.row_security.policies import raise_wall
from storage.schema import new_id, now
from storage.tables import Connection, Conversation, PinnedTool, ToolUsage, Turn

WORKSPACES, MEMBERS, CALLS, ROUNDS = 200, 500, 20_000, 200
LEASE = 600.0
TEAM, OWNER, TOOL = "T0000", "U0000", "list_issues"
Acts = Mapping[str, Callable[[], Awaitable[float]]]


async def measure(quick: bool) -> Measured:
    places, members, calls, rounds = (3, 5, 20, 3) if quick else (WORKSPACES, MEMBERS, CALLS, ROUNDS)
    with folder() as where:
        plain = f"sqlite+aiosqlite:///{where / 'usher.db'}"
        owner = os.environ.get("DATABASE_OWNER_URL", plain)
        role = os.environ["DATABASE_URL"] if "DATABASE_OWNER_URL" in os.environ else plain
        await migrate(owner)
        if role != owner:
            await raise_wall(owner, str(sa.make_url(role).username))
        by, held = Database(owner), Database(role)
        try:
            await _filled(by, places, members, calls)
            async with open_bus(by) as bus:
                times = await _by_turns(
                    {"": _acts(by, Insights(by, bus)), "walled_": _acts(held, Insights(held, bus))}, rounds
                )
        finally:
            await by.close()
            await held.close()
    figures = {
        key: value for name, taken in times["walled_"].items() for key, value in spread(f"walled_{name}", taken).items()
    }
    baseline = {key: value for name, taken in times[""].items() for key, value in spread(name, taken).items()}
    ratio = {name: figures[f"walled_{name}_p50_ms"] / baseline[f"{name}_p50_ms"] for name in times[""]}
    figures |= {"workspaces": places, "members": members, "calls": calls}
    return Measured(figures, baseline, ratio, {"walled_claim_p50_ms": 2, "walled_call_p50_ms": 1})


def _acts(db: Database, insights: Insights) -> Acts:
    """Each takes so many seconds; what it is about is made beforehand, and not timed."""
    return {
        "said": partial(_said, db),
        "claim": partial(_claim, db),
        "told": partial(_told, db),
        "call": partial(_timed, partial(db.standing.of, TEAM, OWNER, f"c{TEAM}0", TOOL)),
        "home": partial(_timed, partial(_home, insights)),
    }


async def _timed(act: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    if not await act():
        raise RuntimeError("what is there was not found")
    return time.perf_counter() - begun


async def _said(db: Database) -> float:
    """A member's message is stored, with the turn that is to answer it."""
    begun = time.perf_counter()
    async with db.begin() as tables:
        await tables.handled.first_time(TEAM, new_id())
        turn = await tables.turns.queue(Turn(workspace_id=TEAM, conversation_id="chat", source=new_id()))
        if turn is None:
            raise RuntimeError("it was not queued")
        await tables.events.add(TEAM, "chat", turn.id, "message", {"text": "hello"})
    taken = time.perf_counter() - begun
    async with db.begin() as tables:
        await tables.turns.change(turn, status="done", told=True, ended_at=now())
    return taken


async def _claim(db: Database) -> float:
    """A worker takes the one turn that waits in all workspaces."""
    async with db.begin() as tables:
        await tables.turns.queue(Turn(workspace_id=TEAM, conversation_id="chat", source=new_id()))
    begun = time.perf_counter()
    async with db.begin() as tables:
        turn = await tables.turns.claim("benchmark", now(), LEASE)
    taken = time.perf_counter() - begun
    if turn is None:
        raise RuntimeError("what waits was not found")
    async with db.begin() as tables:
        await tables.turns.change(turn, status="done", told=True, ended_at=now(), lease_until=None)
    return taken


async def _told(db: Database) -> float:
    """A step of an answer: the model's words and what was called are stored."""
    begun = time.perf_counter()
    async with db.begin() as tables:
        await tables.messages.add(TEAM, "chat", None, [{"role": "model", "parts": [{"text": "Hello."}]}])
        for _ in range(3):
            await tables.events.add(TEAM, "chat", None, "message", {"text": "Hello."})
        await tables.usage.add(TEAM, OWNER, TOOL, "done", 20, connection_id=f"c{TEAM}0")
    return time.perf_counter() - begun


async def _home(insights: Insights) -> object:
    return await insights.overview(TEAM), await insights.people(TEAM, 0), await insights.links(TEAM, 0)


async def _by_turns(sides: Mapping[str, Acts], rounds: int) -> dict[str, dict[str, list[float]]]:
    """One side after the other, so that both meet the same weather."""
    taken: dict[str, dict[str, list[float]]] = {side: {name: [] for name in acts} for side, acts in sides.items()}
    warm = min(rounds, 20)
    for number in range(warm + rounds):
        for side, acts in sides.items():
            for name, act in acts.items():
                seconds = await act()
                if number >= warm:
                    taken[side][name].append(seconds)
    return taken


async def _filled(db: Database, places: int, members: int, calls: int) -> None:
    for place in range(places):
        team, here = f"T{place:04}", members if not place else max(members // 50, 1)
        own = [(f"c{team}{number}", f"U{number:04}") for number in range(here)]
        each = [{"id": row, "workspace_id": team, "member_id": member, "slug": row[-20:]} for row, member in own]
        used = [
            {"id": new_id(), "member_id": own[n % here][1], "connection_id": own[n % here][0]}
            for n in range(calls if not place else here)
        ]
        async with db.begin() as tables:
            await tables.workspaces.ensure(team)
            rows = [{**one, "card": "github", "title": "GitHub", "spec": {}} for one in each]
            await tables.session.execute(sa.insert(Connection), rows)
            tools = [
                {"workspace_id": team, "connection_id": row, "name": TOOL, "definition_json": "{}"} for row, _ in own
            ]
            await tables.session.execute(
                sa.insert(PinnedTool), [{**one, "pin": "p", "policy": "free"} for one in tools]
            )
            called = [{**one, "workspace_id": team, "tool": TOOL, "outcome": "done", "milliseconds": 9} for one in used]
            await tables.session.execute(sa.insert(ToolUsage), called)
            if not place:
                tables.session.add(Conversation(id="chat", workspace_id=team, member_id=OWNER, door="slack", key="k"))
    if db.is_postgres:
        async with db.begin() as tables:
            await tables.session.execute(sa.text("ANALYZE"))


if __name__ == "__main__":
    main("looking.walls", __doc__, measure)
