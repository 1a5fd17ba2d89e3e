"""How PostgreSQL answers what is asked of it."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa

from storage.database import Database, Tables

Asked = Callable[[Tables], Awaitable[object]]


async def plans_of(db: Database, ask: Asked) -> list[str]:
    """Of each statement; what it changed is taken back."""
    asked = await _statements(db, ask)
    async with db.read() as tables:
        connection = await tables.session.connection()
        return [
            "\n".join(str(row[0]) for row in await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
            for statement, parameters in asked
        ]


async def seconds_of(db: Database, ask: Asked, rounds: int) -> list[float]:
    """What PostgreSQL itself took for all statements, planned without a look at their parameters; changes nothing."""
    asked = await _statements(db, ask)
    taken = [0.0] * rounds
    async with db.begin() as tables:
        connection = await tables.session.connection()
        await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        for number, (statement, parameters) in enumerate(asked):
            await connection.exec_driver_sql(f"PREPARE asked_{number} AS {statement}")
            given = ", ".join(map(_literal, parameters))
            for turn in range(rounds):
                savepoint = await connection.begin_nested()
                told = await connection.exec_driver_sql(
                    f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked_{number}({given})"
                )
                taken[turn] += _seconds(told.scalar_one())
                await savepoint.rollback()
            await connection.exec_driver_sql(f"DEALLOCATE asked_{number}")
        await tables.session.rollback()
    return taken


async def _statements(db: Database, ask: Asked) -> list[tuple[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def hear(_: object, __: object, statement: str, parameters: object, *more: object) -> None:
        asked.append((statement, parameters))

    async with db.begin() as tables:
        connection = await tables.session.connection()
        sa.event.listen(connection.sync_connection, "before_cursor_execute", hear)
        await ask(tables)
        sa.event.remove(connection.sync_connection, "before_cursor_execute", hear)
        await tables.session.rollback()
    return [(text, given) for text, given in asked if text.startswith(("SELECT", "UPDATE", "WITH"))]


def _literal(value: object) -> str:
    return "'{" + ",".join(map(str, value)) + "}'" if isinstance(value, list) else f"'{value}'"


def _seconds(told: Any) -> float:
    [plan] = json.loads(told) if isinstance(told, str) else told
    return float(plan["Execution Time"]) / 1_000
