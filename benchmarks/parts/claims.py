"""Turns that wait in a queue, and how long a worker takes to have one of them."""

import time
from datetime import timedelta

import sqlalchemy as sa

from benchmarks.parts.filling import TEAM
from storage.database import Database
from storage.schema import new_id, now
from storage.tables import Conversation, Turn

LEASE = 15.0


async def claims(db: Database, others: int, rounds: int) -> list[float]:
    """Seconds until one more that waits is claimed, with so many ``others`` queued, each in its own conversation."""
    await _queued(db, others, long_ago=False)
    if db.is_postgres:  # as autovacuum would see to it
        async with db.begin() as tables:
            await tables.session.execute(sa.text("ANALYZE"))
    taken = []
    for _ in range(rounds):
        await _queued(db, 1, long_ago=True)
        async with db.begin() as tables:
            begun = time.perf_counter()
            turn = await tables.turns.claim("benchmark", now(), LEASE)
            taken.append(time.perf_counter() - begun)
            if turn is None:
                raise RuntimeError("what waits was not found")
            await tables.turns.change(turn, status="done", told=True, ended_at=now(), lease_until=None)
    return taken


async def _queued(db: Database, count: int, *, long_ago: bool) -> None:
    at = now() - timedelta(days=1) if long_ago else now()
    alike = {"workspace_id": TEAM, "member_id": "U1", "door": "slack"}
    chats = [{**alike, "id": new_id(), "key": new_id()} for _ in range(count)]
    turns = [
        {"workspace_id": TEAM, "conversation_id": chat["id"], "source": new_id(), "created_at": at} for chat in chats
    ]
    if count:
        async with db.begin() as tables:
            await tables.session.execute(sa.insert(Conversation), chats)
            await tables.session.execute(sa.insert(Turn), turns)
