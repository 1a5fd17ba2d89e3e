"""Two hundred workspaces of fifty members, one of them busy: how long the others wait, and whether one sees another's.

Beside the same workspaces with nobody busy. DATABASE_URL may name an empty PostgreSQL database, which is then filled.
"""

import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import sqlalchemy as sa

from benchmarks.parts.report import Measured, at, main, spread
from benchmarks.processes import folder
from storage.database import Database, Tables
from storage.migrate import migrate
from storage.repositories.conversations.among import Among
from storage.schema import new_id, now
from storage.tables import Connection, Conversation, Turn, Workspace

WORKSPACES, MEMBERS, BUSY, ASKED = 200, 50, 10_000, 500
LEASE = 600.0
Look = Callable[[Tables, str, str], Awaitable[object]]
LOOKS: Sequence[Look] = (
    lambda tables, workspace, row: tables.conversations.get(workspace, row),
    lambda tables, workspace, row: tables.connections.get(workspace, row, leaving=True),
    lambda tables, workspace, row: tables.turns.get(workspace, row),
)


async def measure(quick: bool) -> Measured:
    places, members, busy, asked = (5, 2, 20, 10) if quick else (WORKSPACES, MEMBERS, BUSY, ASKED)
    with folder() as where:
        url = os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{where / 'usher.db'}"
        await migrate(url)
        db = Database(url)
        try:
            teams = [f"T{number:04}" for number in range(places)]
            rows = [await _filled(db, team, members) for team in teams]
            await known(db)
            alone, alone_times = await _served(db, teams)
            await _queue(db, teams[0], busy, ago=timedelta(hours=1))
            await known(db)
            waits, times = await _served(db, teams[1:])
            seen = await _seen_by_others(db, teams, rows, asked)
        finally:
            await db.close()
    figures = {"workspaces": places, "members": members, "busy_turns": busy, "seen_by_others": seen}
    figures |= {"claims_before_p95": at(0.95, waits), **spread("claim", times)}
    baseline = {"claims_before_p95": at(0.95, alone), **spread("claim", alone_times)}
    ratio = {name: figures[name] / baseline[name] for name in baseline}
    figures["times_as_long"] = ratio["claims_before_p95"]
    return Measured(figures, baseline, ratio, {"times_as_long": 1.5, "seen_by_others": 0, "claim_p50_ms": 2})


async def _filled(db: Database, team: str, members: int) -> list[str]:
    """The ids of a member's rows in each: the same kinds everywhere."""
    of = [{"workspace_id": team, "member_id": f"U{number}"} for number in range(members)]
    chats = [{**each, "id": new_id(), "door": "slack", "key": new_id()} for each in of]
    own = [{**each, "id": new_id(), "card": "custom", "title": "t", "slug": "s", "spec": {}} for each in of]
    over = {"status": "done", "told": True, "ended_at": now(), "workspace_id": team}
    turns = [{**over, "id": new_id(), "conversation_id": chat["id"], "source": new_id()} for chat in chats]
    async with db.begin() as tables:
        await tables.session.execute(sa.insert(Workspace), [{"id": team}])
        for table, rows in ((Conversation, chats), (Connection, own), (Turn, turns)):
            await tables.session.execute(sa.insert(table), rows)
    return [chats[0]["id"], own[0]["id"], turns[0]["id"]]


async def known(db: Database) -> None:
    """As autovacuum would see to it."""
    if db.is_postgres:
        async with db.begin() as tables:
            await tables.session.execute(sa.text("ANALYZE"))


async def _queue(db: Database, team: str, count: int, *, ago: timedelta) -> None:
    chats = [
        {"id": new_id(), "workspace_id": team, "member_id": "U0", "door": "slack", "key": new_id()}
        for _ in range(count)
    ]
    waiting = {"workspace_id": team, "created_at": now() - ago}
    turns = [{**waiting, "conversation_id": chat["id"], "source": new_id()} for chat in chats]
    async with db.begin() as tables:
        await tables.session.execute(sa.insert(Conversation), chats)
        await tables.session.execute(sa.insert(Turn), turns)


async def _served(db: Database, quiet: Sequence[str]) -> tuple[list[float], list[float]]:
    """How many claims it took until each had its turn, and the seconds of each claim."""
    for team in quiet:
        await _queue(db, team, 1, ago=timedelta(0))
    left, waits, times, after = set(quiet), [], [], ""
    while left:
        async with db.begin() as tables:
            begun = time.perf_counter()
            turn = await tables.turns.claim("benchmark", now(), LEASE, Among(after={"slack": after}))
            times.append(time.perf_counter() - begun)
            if turn is None:
                raise RuntimeError("what waits was not found")
            await tables.turns.change(turn, status="done", told=True, ended_at=now(), lease_until=None)
        after = turn.workspace_id
        if after in left:
            left.remove(after)
            waits.append(float(len(times)))
    return waits, times


async def _seen_by_others(db: Database, teams: Sequence[str], rows: Sequence[Sequence[str]], asked: int) -> int:
    """How often one workspace was given a row of another by its id."""
    dice, seen = random.Random(7), 0
    for _ in range(asked):
        whose, other = dice.sample(range(len(teams)), 2)
        async with db.read() as tables:
            for look, row in zip(LOOKS, rows[whose], strict=True):
                if await look(tables, teams[whose], row) is None:
                    raise RuntimeError("what is there was not found")
                seen += await look(tables, teams[other], row) is not None
    return seen


if __name__ == "__main__":
    main("looking.workspaces", __doc__, measure)
