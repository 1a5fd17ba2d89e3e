"""What was kept for its time goes from a million rows: how long a batch takes, and whoever writes meanwhile waits.

Beside the same writer with nothing going. DATABASE_URL may name an empty PostgreSQL database, which is then filled.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import sqlalchemy as sa

from benchmarks.looking.workspaces import known
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from bot.running.keeping.rounds import OF_A_CONVERSATION
from storage.database import Database
from storage.migrate import migrate
from storage.repositories.repository import A_BATCH
from storage.schema import now
from storage.tables import Conversation, Event, Message, ToolUsage, Workspace

TEAM = "T1"
CALLS, CHATS, EACH, BATCHES, WRITES = 600_000, 4_000, 50, 60, 100
"""A million rows with four thousand conversations of fifty events and fifty messages."""
OLD = timedelta(days=500)


async def measure(quick: bool) -> Measured:
    calls, chats, batches, writes = (2_000, 20, 3, 5) if quick else (CALLS, CHATS, BATCHES, WRITES)
    with folder() as where:
        url = os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{where / 'usher.db'}"
        await migrate(url)
        db = Database(url)
        try:
            await _filled(db, calls, chats)
            await known(db)
            for warm in (_calls, _conversation):
                await warm(db)
            alone = await _written(db, writes)
            writing = asyncio.create_task(_written(db, writes))
            rows = await _timed(batches, lambda: _calls(db))
            talks = await _timed(batches, lambda: _conversation(db))
            beside = await writing
        finally:
            await db.close()
    figures = {"rows": calls + chats * (1 + 2 * EACH), **spread("calls", rows, 50, 95, 100)}
    figures |= {**spread("conversation", talks, 50, 95, 100), **spread("writer", beside)}
    baseline = spread("writer", alone)
    ratio = {name: figures[name] / baseline[name] for name in baseline}
    return Measured(figures, baseline, ratio, {"calls_p95_ms": 200, "conversation_p95_ms": 200})


async def _filled(db: Database, calls: int, chats: int) -> None:
    """Half of all is old."""
    many = sa.select(sa.literal(1).label("i")).cte("many", recursive=True)
    many = many.union_all(sa.select(many.c.i + 1).where(many.c.i < max(calls, chats)))
    each = sa.select(sa.literal(1).label("n")).cte("each", recursive=True)
    each = each.union_all(sa.select(each.c.n + 1).where(each.c.n < EACH))
    number = sa.cast(many.c.i, sa.String)
    old, young = (sa.literal(at, ToolUsage.at.type) for at in (now() - OLD, now()))
    at = sa.case((many.c.i % 2 == 0, old), else_=young)
    empty, team = sa.literal({}, Event.body.type), sa.literal(TEAM)
    talk, one = many.c.i <= chats, sa.literal(0)
    of_chat = {"id": number, "workspace_id": team, "member_id": team, "door": sa.literal("slack"), "key": number}
    of_chat |= {"place": empty, "last_seq": one, "created_at": at, "last_at": at}
    of_chat |= {"summary": sa.literal(""), "folded": one}
    of_event = {"workspace_id": team, "conversation_id": number, "seq": each.c.n, "kind": sa.literal("message")}
    of_event |= {"body": empty, "at": at}
    of_message = {"id": number + "." + sa.cast(each.c.n, sa.String), "workspace_id": team, "conversation_id": number}
    of_message |= {"position": each.c.n, "content": empty, "created_at": at}
    all_of_each = many.join(each, sa.true())
    there = ((Conversation, of_chat, many), (Event, of_event, all_of_each), (Message, of_message, all_of_each))
    called = {"id": number, "workspace_id": team, "member_id": team, "tool": sa.literal("t"), "at": at}
    called |= {"outcome": sa.literal("done"), "milliseconds": sa.literal(1)}
    async with db.begin() as tables:
        await tables.session.execute(sa.insert(Workspace), [{"id": TEAM}])
        for table, values, source in there:
            rows = sa.select(*values.values()).select_from(source).where(talk)
            await tables.session.execute(sa.insert(table).from_select(list(values), rows, include_defaults=False))
        rows = sa.select(*called.values()).where(many.c.i <= calls)
        await tables.session.execute(sa.insert(ToolUsage).from_select(list(called), rows, include_defaults=False))


async def _calls(db: Database) -> None:
    async with db.begin() as tables:
        await tables.usage.purge(TEAM, now() - OLD / 2, A_BATCH)


async def _conversation(db: Database) -> None:
    """A batch of one, as a round takes it; the last of the one before, or the first of another."""
    async with db.read() as tables:
        [found] = await tables.forgetting.silent(TEAM, now() - OLD / 2, 1)
    async with db.begin() as tables:
        if await tables.forgetting.wear_away(TEAM, found, now() - OLD / 2, OF_A_CONVERSATION) is None:
            raise RuntimeError("what is old did not go")


async def _timed(count: int, act: Callable[[], Awaitable[None]]) -> list[float]:
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        await act()
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(0.02)
    return times


async def _written(db: Database, count: int) -> list[float]:
    """What others do meanwhile: a call of a tool is recorded."""
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        async with db.begin() as tables:
            await tables.usage.add(TEAM, "U1", "t", "done", 1)
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(0.01)
    return times


if __name__ == "__main__":
    main("looking.keeping", __doc__, measure)
