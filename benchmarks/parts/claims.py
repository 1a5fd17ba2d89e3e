"""Turns that wait in a queue, and how long a worker takes to have one of them."""

import time
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from benchmarks.parts.filling import TEAM
from storage.database import Database
from storage.repositories.conversations.among import ANYTHING, Among
from storage.schema import new_id, now
from storage.tables import Conversation, Turn

LEASE = 15.0
AT_ONCE = 1_000
ASKERS = 200
"""Among whom what waits is spread."""


async def claims(db: Database, others: int, rounds: int) -> list[float]:
    """Seconds until one more that waits is claimed, with so many ``others`` queued, each in its own conversation."""
    await queued(db, others, long_ago=False)
    await known(db)
    return (await looks_and_claims(db, rounds))[1]


async def looks_and_claims(db: Database, rounds: int, among: Among = ANYTHING) -> tuple[list[float], list[float]]:
    """Seconds of each look for something to do, and of each claim that follows it, as a worker goes about it."""
    looks, taken = [], []
    for _ in range(rounds):
        await queued(db, 1, long_ago=True)
        begun = time.perf_counter()
        async with db.read() as tables:
            due = await tables.turns.due(now(), 20, among)
        looks.append(time.perf_counter() - begun)
        async with db.begin() as tables:
            begun = time.perf_counter()
            turn = await tables.turns.claim("benchmark", now(), LEASE, among, due)
            taken.append(time.perf_counter() - begun)
            if turn is None:
                raise RuntimeError("what waits was not found")
            await tables.turns.change(turn, status="done", told=True, ended_at=now(), lease_until=None)
    return looks, taken


async def known(db: Database) -> None:
    """As autovacuum would see to it."""
    if db.is_postgres:
        async with db.begin() as tables:
            await tables.session.execute(sa.text("ANALYZE"))


async def queued(db: Database, count: int, *, long_ago: bool, team: str = TEAM, each: int = 1) -> None:
    """``each``: so many in one conversation, one behind the other."""
    at = now() - timedelta(days=1) if long_ago else now()
    whose = [f"U{number % ASKERS:04}" for number in range(-(-count // each))]
    chats = [
        {"workspace_id": team, "member_id": member, "door": "slack", "id": new_id(), "key": new_id()}
        for member in whose
    ]
    if count:
        async with db.begin() as tables:
            await tables.workspaces.ensure(team)
            for table, rows in ((Conversation, chats), (Turn, _turns(chats, count, each, at))):
                for first in range(0, len(rows), AT_ONCE):
                    await tables.session.execute(sa.insert(table), rows[first : first + AT_ONCE])


def _turns(chats: Sequence[dict[str, str]], count: int, each: int, at: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number in range(count):
        chat, behind = chats[number // each], number % each
        of = {"workspace_id": chat["workspace_id"], "asker": chat["member_id"], "conversation_id": chat["id"]}
        found.append({**of, "source": new_id(), "created_at": at, "behind": behind > 0, "followed": each > 1})
    return found
