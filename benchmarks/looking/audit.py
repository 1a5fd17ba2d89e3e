"""An act is put into an audit of a million entries, and all of it is verified; beside a bare row, and bare reading.

DATABASE_URL may name an empty PostgreSQL database, which is then filled. Else it is an SQLite file, gone afterwards.
"""

import os
import time

import sqlalchemy as sa

from benchmarks.parts.audit_keys import AUDIT_KEYS
from benchmarks.parts.filling import TEAM
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from storage.database import Database
from storage.migrate import migrate
from storage.repositories.repository import table_of
from storage.repositories.workspaces.audit_chain import body_of, seal, start
from storage.repositories.workspaces.audit_verifying import PAGE
from storage.schema import now
from storage.tables import AuditEntry, AuditHead, HandledSlackEvent

MANY, APPENDED, AT_ONCE = 1_000_000, 500, 5_000
DETAIL = {"tool": "create_issue", "server": "GitHub", "turn": "0199aa11-2222-7333-8444-555566667777"}
ENTRIES = table_of(AuditEntry)


async def measure(quick: bool) -> Measured:
    entries, appended = (400, 10) if quick else (int(os.environ.get("ENTRIES", MANY)), APPENDED)
    with folder() as where:
        url = os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{where / 'usher.db'}"
        await migrate(url)
        db = Database(url, AUDIT_KEYS)
        try:
            await _filled(db, entries)
            bare = spread("row", [await _row(db, number) for number in range(appended)])
            added = spread("append", [await _append(db) for _ in range(appended)])
            read, verified = await _read(db), await _verified(db, entries + appended)
        finally:
            await db.close()
    times = {"append_times": added["append_p50_ms"] / bare["row_p50_ms"], "verify_times": verified / read}
    figures = {"entries": entries, **added, "verify_seconds": verified, "verified_per_second": entries / verified}
    baseline = {**bare, "read_seconds": read}
    ratio = {"append_p50_ms": times["append_times"], "verify_seconds": times["verify_times"]}
    return Measured({**figures, **times}, baseline, ratio, {"append_times": 5, "verify_times": 6})


async def _filled(db: Database, entries: int) -> None:
    """As if they had been added one by one, which would take an hour."""
    key_id, key = AUDIT_KEYS.newest
    before, at = start(key, TEAM), now()
    async with db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
    for first in range(1, entries + 1, AT_ONCE):
        rows = []
        for number in range(first, min(first + AT_ONCE, entries + 1)):
            named = {"actor": f"U{number % 500}", "action": "call.made", "subject": f"c{number % 2_000}"}
            entry = AuditEntry(workspace_id=TEAM, number=number, at=at, **named, outcome="done", key_id=key_id)
            body = body_of(entry, DETAIL)
            before = seal(key, before, number, body)
            told = {"workspace_id": TEAM, "number": number, "at": at, **named, "outcome": "done", "key_id": key_id}
            rows.append({**told, "body": body, "mac": before})
        async with db.begin() as tables:
            await tables.session.execute(sa.insert(ENTRIES), rows)
    async with db.begin() as tables:
        tables.session.add(AuditHead(workspace_id=TEAM, number=entries, mac=before, key_id=key_id))


async def _row(db: Database, number: int) -> float:
    begun = time.perf_counter()
    async with db.begin() as tables:
        tables.session.add(HandledSlackEvent(workspace_id=TEAM, event_id=f"Ev{number}"))
    return time.perf_counter() - begun


async def _append(db: Database) -> float:
    begun = time.perf_counter()
    async with db.begin() as tables:
        await tables.audit.add(TEAM, "U1", "call.made", "c1", DETAIL)
    return time.perf_counter() - begun


async def _read(db: Database) -> float:
    """Page by page, and nothing done with it."""
    begun, after = time.perf_counter(), 0
    async with db.read() as tables:
        query = sa.select(*ENTRIES.c).where(ENTRIES.c.workspace_id == TEAM).order_by(ENTRIES.c.number).limit(PAGE)
        while page := (await tables.session.execute(query.where(ENTRIES.c.number > after))).all():
            after = page[-1].number
    return time.perf_counter() - begun


async def _verified(db: Database, entries: int) -> float:
    begun = time.perf_counter()
    async with db.read() as tables:
        found = await tables.audit.verify(TEAM)
    if not found or found.checked != entries:
        raise RuntimeError(f"not whole: {found}")
    return time.perf_counter() - begun


if __name__ == "__main__":
    main("looking.audit", __doc__, measure)
