"""Supabase's management API on loopback, for one project, as far as its real MCP server asks for it."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.mcp_runtime.servers import host

PROJECT = "zyxwvutsrqponmlkjihg"
TOKEN = "sbp_" + "7" * 40
READING = ("select", "with", "explain", "values")
Row = dict[str, Any]


@dataclass
class Supabase:
    """Its database is one in memory; ``asked`` holds method, path and token of each request."""

    rows: sqlite3.Connection
    origin: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    migrations: list[Row] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.asked.append((request.method, request.path, token))
        if request.path == "/content":
            schema = "type Query { searchDocs(query: String!): String }"
            return web.json_response({"data": {"schema": schema, "searchDocs": "A page about policies."}})
        if token != TOKEN:
            return web.json_response({"message": "Unauthorized"}, status=401)
        project = {"id": PROJECT, "ref": PROJECT, "organization_id": "acme", "name": "Shop", "region": "eu-west-1"}
        project |= {"status": "ACTIVE_HEALTHY", "created_at": "2026-01-01T00:00:00Z"}
        answers: dict[str, Callable[[web.Request], Awaitable[Any]]] = {
            "/v1/organizations": _always([{"id": "acme", "slug": "acme", "name": "Acme"}]),
            "/v1/projects": _always([project]),
            f"/v1/projects/{PROJECT}": _always(project),
            f"/v1/projects/{PROJECT}/database/query": self._query,
            f"/v1/projects/{PROJECT}/database/migrations": self._migrate,
        }
        if request.path not in answers:
            return web.json_response({"message": "Not found"}, status=404)
        try:
            return web.json_response(await answers[request.path](request))
        except sqlite3.Error as error:
            return web.json_response({"message": f"Failed to run sql query: {error}"}, status=400)

    async def _query(self, request: web.Request) -> list[Row]:
        asked = await request.json()
        sql = asked["query"]
        if "pg_catalog" in sql or "pg_class" in sql:
            return [self._table(name) for (name,) in self.rows.execute("select name from sqlite_master")]
        if asked.get("read_only") and not sql.lstrip().lower().startswith(READING):
            raise sqlite3.OperationalError("cannot execute this in a read-only transaction")
        found = self.rows.execute(sql)
        names = [each[0] for each in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found]

    async def _migrate(self, request: web.Request) -> list[Row]:
        if request.method == "POST":
            asked = await request.json()
            self.rows.executescript(asked["query"])
            self.migrations.append({"version": str(len(self.migrations) + 1), "name": asked["name"]})
        return self.migrations

    def _table(self, name: str) -> Row:
        (count,) = self.rows.execute(f"select count(*) from {name}").fetchone()  # noqa: S608  a name of our own
        flags = {"rls_enabled": True, "rls_forced": False, "replica_identity": "DEFAULT", "comment": None}
        sizes = {"bytes": 0, "size": "0 bytes", "live_rows_estimate": count, "dead_rows_estimate": 0}
        return {"id": 1, "schema": "public", "name": name, **flags, **sizes, "columns": [], "primary_keys": [],
                "relationships": []}  # fmt: skip


def _always(given: Any) -> Callable[[web.Request], Awaitable[Any]]:
    async def answer(_: web.Request) -> Any:
        return given

    return answer


@asynccontextmanager
async def supabase() -> AsyncIterator[Supabase]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as rows:
        rows.executescript("create table orders (id integer, item text); insert into orders values (1, 'tea');")
        api = Supabase(rows)
        async with host(api.answer) as port:
            api.origin = f"http://127.0.0.1:{port}"
            yield api
