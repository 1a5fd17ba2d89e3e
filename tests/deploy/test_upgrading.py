"""The database of every release there was is brought up to date, and this version shows what was in it."""

from importlib.metadata import version
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from storage.database import Database
from storage.migrate import check
from tests.deploy import released
from tests.deploy.life import MEMBERS_WORDS, all_is_there
from tests.deploy.operated import Around, running, usher
from tests.support.postgres import Postgres
from tests.support.slack import TEAM

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest):
    if engine == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/usher.db"
        return
    request.getfixturevalue("postgres_tools")
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture(params=released.names())
def release(request: pytest.FixtureRequest, engine: str, around: Around, empty_url: str) -> str:
    """The release whose database lies at `empty_url` now."""
    name, where = str(request.param), str(make_url(empty_url).database)
    if engine == "sqlite":
        released.load_sqlite(name, Path(where), around.notes)
    else:
        cluster: Postgres = request.getfixturevalue("postgres")
        released.load_postgres(name, cluster, where, around.notes)
    return name


async def test_a_released_version_is_upgraded_with_all_that_it_had(
    engine: str, release: str, around: Around, empty_url: str, tmp_path: Path
) -> None:
    env = around.env(empty_url)

    assert await usher(env, tmp_path, "migrate") == (0, "The database is up to date.\n")

    await check(empty_url)
    _, told = await usher(env, tmp_path, "doctor")
    assert "✓ audit" in told and "✗ secrets" not in told and "✗ database" not in told, told
    async with running(around, env, tmp_path):
        await all_is_there(around, released.known(release, engine))
        await around.slack.when(lambda: around.model.asked)  # the turn that ran is taken up, its history with it
        await around.says("hello again", "Welcome back.")
    assert MEMBERS_WORDS in await history(empty_url)


async def history(url: str) -> str:
    db = Database(url)
    async with db.read() as tables:
        said = await tables.session.scalars(sa.text("SELECT text FROM turns WHERE workspace_id = :id"), {"id": TEAM})
        words = "\n".join(said)
    await db.close()
    return words


async def test_a_database_of_a_newer_version_is_refused_in_a_sentence(
    engine: str, around: Around, empty_url: str, tmp_path: Path
) -> None:
    env = around.env(empty_url)
    assert (await usher(env, tmp_path, "migrate"))[0] == 0
    db = Database(empty_url)
    async with db.begin() as tables:
        await tables.session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await db.close()

    code, told = await usher(env, tmp_path, "migrate")

    assert code == 2 and told.startswith("DATABASE_URL: the database is of a newer Usher"), told
    assert "Run that version again, or restore a backup" in told and len(told.splitlines()) == 1
    if engine == "sqlite":  # on PostgreSQL processes of the version before go on while others are replaced
        code, told = await usher(env, tmp_path)
        assert code == 2 and "newer Usher" in told and "Traceback" not in told


def test_this_version_has_left_its_database_too() -> None:
    kept = released.FOLDER / version("usher")
    assert {path.name for path in kept.iterdir()} == {
        f"{each}.{end}" for each in ("sqlite", "postgres") for end in ("sql", "json")
    }


@pytest.mark.parametrize(
    "path", sorted(released.FOLDER.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_what_is_kept_of_a_release_is_small_and_names_nobodys_machine(path: Path) -> None:
    text = path.read_text()
    assert len(text) < 150_000
    assert "/tmp/" not in text and "/home/" not in text
