"""The second wall: as a role that owns nothing, PostgreSQL itself shows and takes the rows of one workspace alone."""

import ast
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.engines.walls import SETTING
from storage.row_security.entering import Walled
from storage.row_security.policies import CannotWall, look_at, raise_wall, walled
from storage.schema import Base
from storage.tables import Conversation, Installation, Workspace
from tests.storage import rows
from tests.storage.rows import T1, U1
from tests.storage.test_isolation import all_of
from tests.storage.test_workspaces import fill
from tests.support.audit import KEYS
from tests.support.postgres import APP, OWNER, Postgres, as_owner

T2 = "T2"
EVERYTHING = sa.select(Conversation.workspace_id)


@pytest.fixture
async def strict_db(postgres: Postgres, postgres_url: str) -> AsyncIterator[Database]:
    """As the product has it: where nothing was said there is nothing to see, for a statement of a test as well."""
    name = sa.make_url(postgres_url).database
    postgres.psql(f"ALTER ROLE {APP} IN DATABASE {name} SET {SETTING} = ''")
    database = Database(postgres_url, KEYS)
    await rows.conversation(database, where=T1)
    await rows.conversation(database, where=T2)
    yield database
    await database.close()


async def test_a_forgotten_condition_shows_the_rows_of_no_other(strict_db: Database) -> None:
    async with strict_db.read() as tables:
        assert (await tables.session.scalars(EVERYTHING)).all() == []
        await tables.workspaces.get(T1)
        assert (await tables.session.scalars(EVERYTHING)).all() == [T1]
        await tables.workspaces.get(T2)
        assert (await tables.session.scalars(EVERYTHING)).all() == [T2]
        assert (await tables.session.scalars(sa.select(Workspace.id))).all() == [T2]
        assert set(await tables.workspaces.ids()) == {T1, T2}  # upkeep, of the whole house


async def test_a_forgotten_condition_changes_nothing_of_another(strict_db: Database) -> None:
    async with strict_db.begin() as tables:
        await tables.workspaces.get(T1)
        await tables.session.execute(sa.update(Conversation).values(summary="taken over"))
        await tables.session.execute(sa.delete(Conversation).where(Conversation.workspace_id == T2))
    async with strict_db.read() as tables:
        await tables.workspaces.ids()
        found = (await tables.session.execute(sa.select(Conversation.workspace_id, Conversation.summary))).all()
    assert sorted(map(tuple, found)) == [(T1, "taken over"), (T2, "")]


async def test_no_row_is_put_among_anothers(strict_db: Database) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with strict_db.begin() as tables:
            await tables.workspaces.get(T1)
            await tables.session.execute(
                sa.insert(Conversation).values(workspace_id=T2, member_id=U1, door="slack", key="k9")
            )


async def test_a_connection_takes_nothing_along_to_who_comes_next(strict_db: Database) -> None:
    async with strict_db.read() as tables:
        await tables.workspaces.get(T1)
        before = await tables.session.scalar(sa.select(sa.func.pg_backend_pid()))
    async with strict_db.read() as tables:
        assert await tables.session.scalar(sa.select(sa.func.pg_backend_pid())) == before
        assert (await tables.session.scalars(EVERYTHING)).all() == []


async def test_a_single_question_is_asked_from_within_its_workspace(strict_db: Database) -> None:
    mine = await rows.connection(strict_db)
    async with strict_db.begin() as tables:
        await tables.tools.save([rows.tool(mine, policy="always", state="accepted")])
    assert await strict_db.standing.of(T1, U1, mine.id, "add_note") == ("accepted", "always")
    assert await strict_db.standing.of(T2, U1, mine.id, "add_note") is None


async def test_the_installation_of_its_organisation_serves_a_workspace(strict_db: Database) -> None:
    async with strict_db.begin() as tables:
        await tables.workspaces.ensure("E1")
        await tables.installations.put(
            Installation(workspace_id="E1", org_wide=True, enterprise_id="E1", bot_user_id="UB", installed_by=U1)
        )
        await tables.workspaces.part_of(T1, "E1")
    async with strict_db.read() as tables:
        found = await tables.installations.serving(T1)
        assert found and found.workspace_id == "E1"
        assert await tables.installations.serving(T2) is None


async def test_who_is_let_through_is_asked_nothing_more_once_that_is_known(postgres_url: str) -> None:
    owner, app = Database(as_owner(postgres_url)), Database(postgres_url)
    for db, held in ((owner, False), (app, True)):
        async with db.read() as tables:
            await tables.workspaces.ids()
        async with db.read() as tables:
            assert isinstance(tables.workspaces, Walled) is held
        await db.close()


async def test_every_table_of_workspaces_stands_behind_it(strict_db: Database) -> None:
    async with strict_db.engine.connect() as connection:
        found = await look_at(connection)
    assert found.holds and not found.open
    assert walled().keys() == {"workspaces"} | {
        each.name for each in Base.metadata.sorted_tables if "workspace_id" in each.columns
    }


async def test_a_workspace_is_forgotten_behind_it(postgres_db: Database) -> None:
    await fill(postgres_db, T1)
    await rows.conversation(postgres_db, where=T2)
    kept = await all_of(postgres_db, T2)
    async with postgres_db.begin() as tables:
        await tables.workspaces.delete(T1)
    assert not any((await all_of(postgres_db, T1)).values())
    assert await all_of(postgres_db, T2) == kept


async def test_a_table_that_came_later_is_walled_by_the_next_migration(postgres_url: str) -> None:
    db, owner = Database(postgres_url), Database(as_owner(postgres_url))
    async with owner.begin() as tables:
        await tables.session.execute(sa.text("ALTER TABLE turns DISABLE ROW LEVEL SECURITY"))
        await tables.session.execute(sa.text("DROP POLICY of_its_workspace ON notes"))
    async with db.engine.connect() as connection:
        assert (await look_at(connection)).open == ("notes", "turns")
    for _ in range(2):
        await raise_wall(as_owner(postgres_url), APP)
    async with db.engine.connect() as connection:
        assert (await look_at(connection)).open == ()
    await asyncio.gather(db.close(), owner.close())


@pytest.mark.parametrize(
    ("role", "why"),
    [("nobody_such", "there is no role nobody_such: CREATE ROLE"), (OWNER, "superuser"), ("heir", "owns the tables")],
)
async def test_a_role_that_it_would_not_hold_for_is_refused_in_words(
    postgres: Postgres, postgres_url: str, role: str, why: str
) -> None:
    postgres.psql(f"CREATE ROLE heir LOGIN IN ROLE {OWNER}")
    try:
        with pytest.raises(CannotWall, match=why):
            await raise_wall(as_owner(postgres_url), role)
    finally:
        postgres.psql("DROP ROLE heir")


def test_nobody_asks_past_the_repositories() -> None:
    """A statement of somebody else's would be about no workspace, and see nothing."""
    root = Path(__file__).parents[2]
    asked = [
        f"{path.relative_to(root)}:{node.lineno}"
        for room in ("bot", "mcp_runtime", "run_cards", "playground")
        for path in (root / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "session"
        and isinstance(node.value, ast.Name)
        and node.value.id == "tables"
    ]
    assert not asked
