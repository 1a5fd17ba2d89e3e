"""One PostgreSQL database: what is in it, queries that only read, and statements that change it where asked for.

A query runs in a transaction that is read-only for the database itself and is always rolled back. Only one statement
that gives rows is taken: what gives none (COMMIT, SET, DO, COPY) is refused before it runs, so the transaction cannot
be left. A row too long to be kept in memory ends its connection, and with it all that its statement did.
"""

import json
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg  # type: ignore[import-untyped]  # it tells no types
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from mcp_runtime.own_servers.long_answers import TOO_LONG, Counted
from mcp_runtime.own_servers.postgres_catalog import COLUMNS, CONSTRAINTS, INDEXES, TABLES
from mcp_runtime.own_servers.running import (
    NO_SUCH_HOST,
    READS,
    REFUSED,
    SECONDS,
    UNFIT,
    UNREACHABLE,
    WRITES,
    Asked,
    CannotStart,
    fitting,
    serve,
)

MOST_ROWS, AT_A_TIME = 500, 50
NO_ROWS = "This statement gives no rows, and here only queries are run: SELECT, SHOW, EXPLAIN, VALUES."
CUT = "There are more rows: ask for fewer columns, filter, or use LIMIT and OFFSET."
LONG_ROW = "The first row alone is too long to be shown: ask for fewer columns, or for parts, as with left(body, 1000)."
SHORTER = TOO_LONG.format(
    "Nothing was changed. Ask for fewer rows or columns, or for parts of long ones, as with left(body, 1000)."
)
DEEP = "The answer holds JSON that is nested too deeply to be read. Ask for parts of it, as with body->'name'."


class Bounded(asyncpg.Connection):  # type: ignore[misc]  # it tells no types
    """The seam is of the library's own: how its pool makes connections is told, what they read from is not."""

    __slots__ = ("answer",)

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        self.answer = Counted(protocol, transport)


async def connected(asked: Asked) -> asyncpg.Pool:
    """Raises `CannotStart`."""
    parts = urlsplit(asked.address)
    try:
        return await asyncpg.create_pool(
            host=parts.hostname, port=parts.port or 5432,
            user=unquote(parts.username or "") or None, password=os.environ.get("SERVER_PASSWORD"),
            database=unquote(parts.path.strip("/")) or None, ssl=_tls(asked.tls),
            min_size=1, max_size=4, timeout=10, statement_cache_size=0,  # which poolers between would break
            init=_json, server_settings={"application_name": "usher"}, connection_class=Bounded,
        )  # fmt: skip
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise CannotStart(REFUSED, str(error)) from error
    except socket.gaierror as error:
        raise CannotStart(NO_SUCH_HOST, str(error)) from error
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError) as error:
        raise CannotStart(UNREACHABLE, str(error)) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotStart(REFUSED if "password" in str(error).lower() else UNFIT, str(error)) from error


def _tls(kind: str) -> ssl.SSLContext | bool:
    if kind == "none":
        return False
    context = ssl.create_default_context()
    if kind == "unchecked":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _json(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


@asynccontextmanager
async def transaction(pool: asyncpg.Pool, *, writing: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """The database's own words reach the model, as it is the one who wrote the statement."""
    answer: Counted | None = None
    try:
        async with pool.acquire(timeout=SECONDS) as connection:
            answer = connection.answer
            answer.asked()
            outer = connection.transaction(readonly=not writing)
            await outer.start()
            kept = False
            try:
                # A query, and no SET: after one, no transaction can be made to write any more.
                await connection.fetchval("SELECT set_config('statement_timeout', $1, true)", f"{SECONDS:.0f}s")
                yield connection
                kept = writing
            finally:
                if not connection.is_closed():
                    await (outer.commit() if kept else outer.rollback())
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, RecursionError) as error:
        # What is cut off ends the connection, and that is what the library stumbles over.
        raise ToolError(SHORTER if answer and answer.too_long else _said(error)) from error


def _said(error: Exception) -> str:
    if isinstance(error, asyncpg.PostgresError):
        return f"PostgreSQL says: {error}" + (f" Hint: {error.hint}" if error.hint else "")
    if isinstance(error, RecursionError):
        return DEEP
    return "The database could not be asked: the connection was lost or took too long."


async def rows_of(statement: asyncpg.prepared_stmt.PreparedStatement) -> dict[str, Any]:
    """No more are fetched than fit."""
    rows: list[Any] = []
    cursor = await statement.cursor()
    while len(rows) <= MOST_ROWS and (some := await cursor.fetch(AT_A_TIME)):
        rows += map(dict, some)
        if fitting(rows)[1]:
            break
    kept, more = fitting(rows[:MOST_ROWS])
    if rows and not kept:
        return {"rows": [], "note": LONG_ROW}
    more = more or len(rows) > MOST_ROWS
    return {"rows": kept} | ({"note": f"Only {len(kept)} rows are shown. {CUT}"} if more else {})


def made(pool: asyncpg.Pool, *, writing: bool) -> MCPServer:
    server = MCPServer("PostgreSQL")

    @server.tool(annotations=READS)
    async def list_tables(schema: str | None = None) -> dict[str, Any]:
        """Tables and views with their schema, kind, comment and about how many rows they have."""
        async with transaction(pool) as connection:
            return {"tables": fitting(map(dict, await connection.fetch(TABLES, schema)))[0]}

    @server.tool(annotations=READS)
    async def describe_table(table: str) -> dict[str, Any]:
        """Columns, keys and indexes of one table, named as in SQL: orders, or sales.orders."""
        async with transaction(pool) as connection:
            columns = [dict(each) for each in await connection.fetch(COLUMNS, table)]
            if not columns:
                raise ToolError(f"There is no table {table}: see list_tables.")
            constraints, indexes = await connection.fetch(CONSTRAINTS, table), await connection.fetch(INDEXES, table)
            return {
                "columns": columns,
                "constraints": [each[0] for each in constraints],
                "indexes": [each[0] for each in indexes],
            }

    @server.tool(annotations=READS)
    async def query(sql: str) -> dict[str, Any]:
        """The rows of one SQL query that only reads. At most 500 rows; narrow it down and count in the database."""
        async with transaction(pool) as connection:
            statement = await connection.prepare(sql)
            if not statement.get_attributes():
                raise ToolError(NO_ROWS)
            return await rows_of(statement)

    if writing:

        @server.tool(annotations=WRITES)
        async def execute(sql: str) -> dict[str, Any]:
            """Run one SQL statement that changes the database; it is kept when it succeeds whole."""
            async with transaction(pool, writing=True) as connection:
                statement = await connection.prepare(sql)
                rows, more = fitting(map(dict, await statement.fetch()))
                given = {"rows": rows} if statement.get_attributes() else {}
                return {"done": statement.get_statusmsg()} | given | ({"note": CUT} if more else {})

    return server


async def main() -> None:
    asked = Asked.of_command_line()
    async with await connected(asked) as pool:
        await serve(made(pool, writing=asked.writing))
