"""How PostgreSQL answers what is asked of it."""

from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from storage.database import Database, Tables


async def plans_of(db: Database, ask: Callable[[Tables], Awaitable[object]]) -> list[str]:
    """Of each statement; what it changed is taken back."""
    asked: list[tuple[str, object]] = []

    def hear(_: object, __: object, statement: str, parameters: object, *more: object) -> None:
        asked.append((statement, parameters))

    async with db.begin() as tables:
        connection = await tables.session.connection()
        sa.event.listen(connection.sync_connection, "before_cursor_execute", hear)
        await ask(tables)
        sa.event.remove(connection.sync_connection, "before_cursor_execute", hear)
        await tables.session.rollback()
    async with db.read() as tables:
        connection = await tables.session.connection()
        return [
            "\n".join(str(row[0]) for row in await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))  # type: ignore[arg-type]
            for statement, parameters in asked
            if statement.startswith(("SELECT", "UPDATE", "WITH"))
        ]
