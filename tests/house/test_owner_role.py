"""A database whose tables are one role's and whose user is another: made, told of and backed up as it should be."""

from argparse import Namespace

import pytest

from bot.doctor.row_security_check import row_security
from bot.maintenance.database import migrate
from bot.running.backup import backup
from bot.settings import Settings
from storage.database import Database
from tests.house.test_settings import ENOUGH, KEY, complaints
from tests.support.postgres import APP, OWNER, Postgres, as_owner

URL, OWNERS = "postgresql+asyncpg://usher:pw@db/usher", "postgresql+asyncpg://usher_owner:pw@db/usher"


def settings(url: str, **more: str) -> Settings:
    return Settings.read({**ENOUGH, "DATABASE_URL": url, "SECRET_KEY": KEY, **more})


@pytest.fixture
def empty(postgres: Postgres, postgres_template: str) -> str:
    """Not migrated yet, in a cluster that has the role."""
    with postgres.database() as url:
        yield url


async def test_migrating_as_the_owner_lets_the_other_role_work_behind_the_wall(empty: str, capsys) -> None:
    ours = settings(empty.replace(f"//{OWNER}@", f"//{APP}@"), DATABASE_OWNER_URL=empty)
    assert await migrate(ours, Namespace()) == 0
    assert await migrate(ours, Namespace()) == 0
    assert f"Row-level security holds for {APP}." in capsys.readouterr().out
    db = Database(ours.database_url)
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
    assert (await row_security(db, owner_is_known=True)).state == "ok"
    await db.close()


async def test_a_role_that_is_not_there_is_told_with_its_cure(empty: str, capsys) -> None:
    ours = settings(empty.replace(f"//{OWNER}@", "//nobody_such@"), DATABASE_OWNER_URL=empty)
    assert await migrate(ours, Namespace()) == 2
    assert "there is no role nobody_such: CREATE ROLE nobody_such LOGIN" in capsys.readouterr().err


async def test_who_owns_no_table_is_told_who_may_migrate(postgres: Postgres, empty: str, capsys) -> None:
    assert await migrate(settings(empty.replace(f"//{OWNER}@", f"//{APP}@")), Namespace()) == 2
    told = capsys.readouterr().err
    assert "may not change them" in told and "DATABASE_OWNER_URL" in told


async def test_the_doctor_recommends_it_and_sees_where_it_does_not_hold(postgres_url: str) -> None:
    owner, app = Database(as_owner(postgres_url)), Database(postgres_url)
    recommended = await row_security(owner, owner_is_known=False)
    assert recommended.state == "warn" and "recommended" in recommended.cure
    assert (await row_security(owner, owner_is_known=True)).state == "bad"
    assert (await row_security(app, owner_is_known=False)).state == "ok"
    async with owner.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE notes DISABLE ROW LEVEL SECURITY")
    assert (await row_security(app, owner_is_known=False)).found == "lacks notes"
    await owner.close()
    await app.close()


def test_the_dump_is_made_as_the_owner(tmp_path) -> None:
    """As another it would hold the rows of no workspace, or none at all."""
    told = backup(settings(URL, DATABASE_OWNER_URL=OWNERS), tmp_path).told
    assert "postgresql://usher_owner@db/usher" in told and "pw" not in told


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        (URL, "another role"),
        (OWNERS.replace("@db", "@elsewhere"), "same host"),
        ("sqlite+aiosqlite:///usher.db", "PostgreSQL alone"),
    ],
)
def test_an_owner_that_cannot_be_is_refused(owner: str, why: str) -> None:
    [complaint] = complaints(DATABASE_URL=URL, SECRET_KEY=KEY, DATABASE_OWNER_URL=owner)
    assert complaint.startswith("DATABASE_OWNER_URL") and why in complaint
