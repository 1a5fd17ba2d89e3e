"""Each tab of an administrator's Home and a member's own, of a workspace that has been at work for a month.

Five hundred members, a thousand connections, a hundred thousand calls; beside one bare `SELECT 1`.

DATABASE_URL may name an empty PostgreSQL database, which is then filled. Else it is an SQLite file, gone afterwards.
"""

import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import sqlalchemy as sa

from benchmarks.parts.at_work import filled, member
from benchmarks.parts.audit_keys import AUDIT_KEYS
from benchmarks.parts.filling import TEAM
from benchmarks.parts.home_services import home_services
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from bot.services.watch.insights import tables as csv
from bot.services.watch.insights.insights import LATELY
from bot.slack.acts import admin_tabs, home
from bot.slack.screens.governing import tabs
from bot.slack.services import Services
from storage.database import Database
from storage.members import Member
from storage.migrate import migrate
from storage.schema import now
from storage.tables import HomePlace

MOST_MS = 300
WHO, ADMIN = Member(TEAM, member(7)), Member(TEAM, member(1))
Look = Callable[[], Awaitable[object]]


async def measure(quick: bool) -> Measured:
    sizes, rounds = ((5, 10, 50, 20), 2) if quick else ((500, 1_000, 100_000, 10_000), 20)
    with folder() as where:
        url = os.environ.get("DATABASE_URL") or f"sqlite+aiosqlite:///{where / 'usher.db'}"
        await migrate(url)
        async with AsyncExitStack() as opened:
            db = Database(url, AUDIT_KEYS)
            opened.push_async_callback(db.close)
            await filled(db, *sizes)
            services, client = await home_services(db, url, where, opened)
            looks = {name: partial(_tab, services, name) for name in tabs.TABS if name != tabs.MINE}
            others: dict[str, Look] = {
                "person": partial(services.insights.person, WHO),
                "own": partial(home.own, client, services, WHO),
                "table": partial(csv.of_workspace, db, TEAM, now() - LATELY),
            }
            taken, asked = await _looked(db, {**looks, **others}, rounds)
    baseline = spread("select", taken.pop("select"))
    figures = {f"{name}_statements": float(asked[name]) for name in taken}
    for name, times in taken.items():
        figures |= spread(name, times)
    ratio = {name: figures[f"{name}_p50_ms"] / baseline["select_p50_ms"] for name in taken}
    bars = {f"{name}_p95_ms": MOST_MS for name in (*looks, "person", "own")}
    return Measured(figures, baseline, ratio, bars)


async def _tab(services: Services, name: str) -> object:
    return await admin_tabs.drawn(services, ADMIN, HomePlace(tab=name, page=0))


async def _looked(db: Database, looks: dict[str, Look], rounds: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    """By turns, so that all meet the same weather; the first round warms up, and is counted."""
    statements: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    taken: dict[str, list[float]] = {name: [] for name in (*looks, "select")}
    asked: dict[str, int] = {}
    for round_ in range(rounds + 1):
        for name, look in {**looks, "select": partial(_bare, db)}.items():
            statements.clear()
            begun = time.perf_counter()
            await look()
            if round_:
                taken[name].append(time.perf_counter() - begun)
            else:
                asked[name] = len(statements)
    return taken, asked


async def _bare(db: Database) -> None:
    async with db.read() as tables:
        await tables.session.execute(sa.text("SELECT 1"))


if __name__ == "__main__":
    main("looking.home", __doc__, measure)
