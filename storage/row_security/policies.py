"""The wall itself, put up by the role that owns the tables for another that owns nothing.

PostgreSQL lets superusers and a table's owner through every policy, so the role that Usher works as may be neither.
Sources: postgresql.org/docs/current/ddl-rowsecurity.html.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engines.engine import open_engine
from storage.engines.walls import ALL, SETTING
from storage.tables import Workspace

POLICY = "of_its_workspace"
_SAID = f"current_setting('{SETTING}', true)"
ROLE = sa.text(
    "SELECT rolsuper OR rolbypassrls, pg_has_role(rolname, (SELECT tableowner FROM pg_tables WHERE schemaname = "
    "current_schema() AND tablename = 'workspaces'), 'MEMBER') FROM pg_roles WHERE rolname = :role"
)
OPEN = sa.text(
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables) AND "
    "NOT (relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = :policy)) "
    "ORDER BY 1"
)


class CannotWall(Exception):
    """The text says why, and the cure."""


@dataclass(frozen=True)
class Wall:
    """As the role of this connection meets it."""

    holds: bool
    """It is not let through."""
    open: tuple[str, ...] = ()
    """Tables of workspaces that have no policy."""


def walled() -> dict[str, str]:
    """Each table that has rows of workspaces, with the column that says whose they are."""
    found = {each.name: "workspace_id" for each in Workspace.metadata.sorted_tables if "workspace_id" in each.columns}
    return {"workspaces": "id"} | found


async def raise_wall(owner_url: str, role: str) -> None:
    """For what this version's tables are; once more changes nothing. Raises `CannotWall`."""
    engine = open_engine(owner_url, migrates=True)
    try:
        async with engine.begin() as connection:
            await _check(connection, role)
            named = connection.dialect.identifier_preparer.quote(role)
            schema = connection.dialect.identifier_preparer.quote(
                str(await connection.scalar(sa.select(sa.func.current_schema())))
            )
            for statement in (
                f"GRANT USAGE ON SCHEMA {schema} TO {named}",
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {named}",
                f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {named}",
            ):
                await connection.execute(sa.text(statement))
            for table in (await look_at(connection)).open:
                await _wall(connection, table, walled()[table])
    finally:
        await engine.dispose()


async def look_at(connection: AsyncConnection) -> Wall:
    tables = {"tables": list(walled()), "policy": POLICY}
    holds = await connection.scalar(sa.text("SELECT row_security_active(to_regclass('workspaces'))"))
    return Wall(bool(holds), tuple((await connection.scalars(OPEN, tables)).all()))


async def _check(connection: AsyncConnection, role: str) -> None:
    found = (await connection.execute(ROLE, {"role": role})).first()
    if found is None:
        raise CannotWall(f"there is no role {role}: CREATE ROLE {role} LOGIN PASSWORD '…'")
    above, owns = found
    if above or owns:
        why = "is a superuser or has BYPASSRLS" if above else "owns the tables"
        raise CannotWall(f"the role {role} {why} and is let through every policy: let DATABASE_URL name another")


async def _wall(connection: AsyncConnection, table: str, column: str) -> None:
    # What was said in an earlier transaction of the session is '' afterwards, and not NULL.
    mine = f"{column} = nullif({_SAID}, '') OR {_SAID} = '{ALL}'"
    for statement in (
        f"DROP POLICY IF EXISTS {POLICY} ON {table}",
        f"CREATE POLICY {POLICY} ON {table} USING ({mine}) WITH CHECK ({mine})",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    ):
        await connection.execute(sa.text(statement))
