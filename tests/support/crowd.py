"""A workspace as large ones are: five hundred members, what they connected and called, links, agents, a long audit."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Database
from storage.repositories.repository import table_of
from storage.repositories.workspaces.audit_chain import body_of, seal, start
from storage.schema import new_id, now
from storage.tables import Agent, AuditEntry, AuditHead, Connection, Link, ModelUsage, ToolUsage
from tests.support.audit import KEYS

MEMBERS, CONNECTIONS, CARDS, LINKS, AGENTS, ALIVE, ENTRIES = 500, 300, 70, 200, 40, 29, 10_000
LONG = "Quarterly planning, retrospectives and everything that did not fit elsewhere 🗂️ "
"""As long as a title may be; on some rows, since long ones have to fit as well."""
TITLES = ("GitHub", "Supabase", "Notes", "Calendar", "Lager Nürnberg 📦", "مخزن القاهرة", LONG[:80])
CARD_NAMES = ("github", "supabase", "notes", "calendar")
TOOLS = ("list_issues", "create_issue", "execute_sql", "list_notes", "search")
ACTS = ("call.made", "link.created", "connection.made", "approval.decided", "policy.card_forbidden")


async def filled(db: Database, team: str) -> None:
    """Its rows, many at once: as if they had come one by one."""
    at = now()
    async with db.begin() as tables:
        await tables.workspaces.ensure(team)
        session = tables.session
        for table, rows in (
            (Connection, _connections(team)),
            (ToolUsage, _calls(team)),
            (ModelUsage, _spent(team)),
            (Link, _links(team)),
            (Agent, _agents(team)),
        ):
            await session.execute(sa.insert(table), rows)
        entries, mac = _entries(team, at)
        await session.execute(sa.insert(table_of(AuditEntry)), entries)
        key_id, _ = KEYS.newest
        await session.execute(sa.delete(AuditHead).where(AuditHead.workspace_id == team))
        session.add(AuditHead(workspace_id=team, number=ENTRIES, mac=mac, key_id=key_id))


def name_of(number: int) -> str:
    return f"U{number:04}"


def _connections(team: str) -> Sequence[dict[str, Any]]:
    whose = [{"workspace_id": team, "member_id": name_of(number % MEMBERS)} for number in range(CONNECTIONS)]
    return [
        {
            **each,
            "id": f"c{number:04}",
            "card": [*CARD_NAMES, *(f"card-{other}" for other in range(CARDS))][number % (CARDS + 4)],
            "title": TITLES[number % len(TITLES)],
            "slug": f"s{number}",
            "spec": {},
            "status": "failing" if number % 29 == 0 else "sign_in" if number % 31 == 0 else "connected",
            "cause": "timeout" if number % 29 == 0 else "",
            "failing_since": now() - timedelta(hours=2) if number % 29 == 0 else None,
        }
        for number, each in enumerate(whose)
    ]


def _calls(team: str) -> Sequence[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "workspace_id": team,
            "member_id": name_of(number % MEMBERS),
            "connection_id": f"c{number % MEMBERS % CONNECTIONS:04}",
            "tool": TOOLS[number % len(TOOLS)],
            "outcome": "failed" if number % 17 == 0 else "done",
            "milliseconds": 120 + number % 900,
        }
        for number in range(MEMBERS * 4)
    ]


def _spent(team: str) -> Sequence[dict[str, Any]]:
    return [
        {
            "id": f"r{number}",
            "workspace_id": team,
            "member_id": name_of(number),
            "turn_id": f"t{number}",
            "purpose": "answer",
            "model": "gemini-2.5-flash",
            "prompt": 9_000,
            "output": 400,
            "money": 3_000 + number * 37,
            "at": now() - timedelta(hours=number % 48),
        }
        for number in range(MEMBERS)
    ]


def _links(team: str) -> Sequence[dict[str, Any]]:
    return [
        {
            "id": f"l{number:04}",
            "workspace_id": team,
            "creator_id": name_of(number),
            "title": (f"Survey {number}", LONG[:80] + LONG[:40], "استبيان العملاء")[number % 3],
            "token_hash": f"h{number}".encode(),
            "max_sessions": 1 + number % 9,
            "used_sessions": number % 2,
            "expires_at": now() + timedelta(hours=8 + number),
        }
        for number in range(LINKS)
    ]


def _agents(team: str) -> Sequence[dict[str, Any]]:
    """The default one is there already."""
    return [
        {
            "id": f"a{number:04}",
            "workspace_id": team,
            "name": ("Ledger", LONG[:35], "محاسب")[number % 3] + f" {number}",
            "called": f"agent {number}",
            "archived_at": now() if number >= ALIVE else None,
        }
        for number in range(AGENTS - 1)
    ]


def _entries(team: str, at: Any) -> tuple[Sequence[dict[str, Any]], str]:
    """And the seal of the last."""
    key_id, key = KEYS.newest
    before, rows = start(key, team), []
    for number in range(1, ENTRIES + 1):
        told = {"workspace_id": team, "number": number, "at": at - timedelta(minutes=ENTRIES - number)}
        told |= {"actor": name_of(number % MEMBERS), "action": ACTS[number % len(ACTS)]}
        told |= {"subject": f"c{number % CONNECTIONS:04}", "outcome": "done", "key_id": key_id}
        body = body_of(AuditEntry(**told), {"tool": TOOLS[number % len(TOOLS)], "server": "GitHub"})
        before = seal(key, before, number, body)
        rows.append({**told, "body": body, "mac": before})
    return rows, before
