"""A workspace that has been at work for a month: who uses what, what was called, asked of the model and audited."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks.parts.audit_keys import AUDIT_KEYS
from benchmarks.parts.filling import TEAM
from bot.services.watch.insights.adding_up import add_up
from storage.database import Database
from storage.repositories.repository import table_of
from storage.repositories.workspaces.audit_chain import body_of, seal, start
from storage.schema import Base, new_id, now
from storage.tables import (
    Agent,
    AuditEntry,
    AuditHead,
    Connection,
    Conversation,
    Link,
    ModelUsage,
    Session,
    ToolUsage,
    Turn,
)

AT_ONCE, DAYS, LINKS = 5_000, 30, 200
CARDS = [f"card{number}" for number in range(20)]
OUTCOMES = ["done"] * 18 + ["failed", "refused"]
DETAIL = {"card": "GitHub", "members": 3}


def member(number: int) -> str:
    return f"U{number:04}"


async def filled(db: Database, members: int, connections: int, calls: int, entries: int) -> None:
    dice, at = random.Random(7), now()
    async with db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        await tables.agents.of(TEAM)
        tables.session.add_all(
            Agent(workspace_id=TEAM, id=new_id(), name=f"A{number}", called=f"a{number}") for number in range(10)
        )
    held = [
        {"id": new_id(), "member_id": member(number % members), "card": CARDS[number % len(CARDS)]}
        | {"title": f"Tool {number}", "slug": f"tool{number}", "spec": {}}
        for number in range(connections)
    ]
    await _put(db, Connection, held)
    turns = await _talked(db, members, max(calls // 2, 1), dice, at)
    await _linked(db, turns, dice, at)
    await _put(db, ToolUsage, (_call(dice.choice(held), dice.choice(turns), dice, at) for _ in range(calls)))
    await _put(db, ModelUsage, (_request(turn, dice) for turn in turns))
    await _audited(db, entries, at)
    await add_up(db, at)
    if db.is_postgres:
        async with db.begin() as tables:
            await tables.session.execute(sa.text("ANALYZE"))


async def _talked(db: Database, members: int, many: int, dice: random.Random, at: datetime) -> list[dict[str, Any]]:
    chats = [
        {"id": new_id(), "member_id": member(number % members), "door": "slack", "key": f"k{number}"}
        for number in range(members * 2)
    ]
    await _put(db, Conversation, chats)
    turns = []
    for number in range(many):
        chat = dice.choice(chats)
        asked = {"conversation_id": chat["id"], "member_id": chat["member_id"], "status": "done"}
        asked["source"] = f"s{number}"
        turns.append({"id": new_id(), **asked, "created_at": _some_time(dice, at)})
    await _put(db, Turn, turns)
    return turns


async def _linked(db: Database, turns: list[dict[str, Any]], dice: random.Random, at: datetime) -> None:
    """A part of those chats were guests'."""
    links = [
        {"id": new_id(), "creator_id": turns[number % len(turns)]["member_id"], "title": f"Link {number}"}
        | {"token_hash": b"%d" % number, "expires_at": at + timedelta(hours=5), "max_sessions": 3}
        for number in range(LINKS)
    ]
    await _put(db, Link, links)
    chats = {turn["conversation_id"]: None for turn in turns[:LINKS]}
    sessions = [
        {"id": new_id(), "link_id": links[number]["id"], "conversation_id": chat, "idem_hash": b"i%d" % number}
        | {"secret_hash": b"s%d" % number}
        for number, chat in enumerate(chats)
    ]
    await _put(db, Session, sessions)
    linked = {each["conversation_id"]: each["link_id"] for each in sessions}
    for turn in turns:
        turn["link_id"] = linked.get(turn["conversation_id"], "")


def _call(held: dict[str, Any], turn: dict[str, Any], dice: random.Random, at: datetime) -> dict[str, Any]:
    named = {"id": new_id(), "member_id": held["member_id"], "connection_id": held["id"], "turn_id": turn["id"]}
    told = {"tool": f"tool{dice.randrange(15)}", "outcome": dice.choice(OUTCOMES), "milliseconds": dice.randrange(900)}
    return {**named, **told, "at": _some_time(dice, at)}


def _request(turn: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    took = {"prompt": 2_000, "cached": 900, "output": 200, "money": dice.randrange(2_000), "saved": 150}
    who = {"member_id": turn["member_id"], "link_id": turn["link_id"], "purpose": "answer", "model": "m"}
    return {"id": turn["id"], "turn_id": turn["id"], **who, **took, "at": turn["created_at"]}


def _some_time(dice: random.Random, at: datetime) -> datetime:
    return at - timedelta(seconds=dice.randrange(DAYS * 86_400))


async def _audited(db: Database, entries: int, at: datetime) -> None:
    key_id, key = AUDIT_KEYS.newest
    before, rows = start(key, TEAM), []
    for number in range(1, entries + 1):
        card = CARDS[number % len(CARDS)]
        named = {"actor": member(number % 500), "action": "policy.card_forbidden", "subject": card}
        told = {"number": number, "at": at, **named, "outcome": "done", "key_id": key_id}
        body = body_of(AuditEntry(workspace_id=TEAM, **told), DETAIL)
        before = seal(key, before, number, body)
        rows.append({**told, "body": body, "mac": before})
    await _put(db, AuditEntry, rows)
    async with db.begin() as tables:
        tables.session.add(AuditHead(workspace_id=TEAM, number=entries, mac=before, key_id=key_id))


async def _put(db: Database, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """All of one kind, so that each has the same columns."""
    columns = set(table_of(table).c.keys())
    waiting = [{"workspace_id": TEAM} | {name: row[name] for name in row.keys() & columns} for row in rows]
    for first in range(0, len(waiting), AT_ONCE):
        async with db.begin() as tables:
            await tables.session.execute(sa.insert(table_of(table)), waiting[first : first + AT_ONCE])
