"""What tests stand on: databases, brought up to date by the product's own migrations."""

import asyncio
import gc
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.running.logs import FORM, QUIET, MaskSecrets
from storage.database import Database
from storage.engines.walls import ALL, SETTING
from storage.migrate import migrate
from storage.row_security.policies import raise_wall
from tests.support.audit import KEYS
from tests.support.evidence import log_file
from tests.support.forked import forked_starts
from tests.support.lost_commits import as_asked
from tests.support.postgres import APP, Postgres, PostgresMissing, running_postgres
from tests.support.requirements import require
from tests.support.scheduling import Together
from tests.support.spared import (
    compiled_once,
    ends_noted,
    passcodes_hashed_lightly,
    signatures_read_once,
    unsynced,
    waiting_their_turn,
)
from tests.support.tool_definitions import defined_once

TEMPLATE = "usher_template"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_finish() -> None:
    """What is imported by now stays: to look through it for garbage again and again took a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def logged() -> Iterator[None]:
    """All that is logged in this process, as the product would write it, is kept for the check after the suite."""
    handler = logging.FileHandler(log_file("tests"))
    handler.setFormatter(MaskSecrets(FORM))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    yield
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


@pytest.fixture(scope="session", autouse=True)
def worked_out_once() -> Iterator[None]:
    """What every house would work out for itself, and each in the same way."""
    with (
        defined_once(),
        compiled_once(),
        signatures_read_once(),
        passcodes_hashed_lightly(),
        forked_starts(),
        unsynced(),
        waiting_their_turn(),
        ends_noted(),
    ):
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A cluster that lives as long as the session, or as one worker of it."""
    try:
        with running_postgres() as cluster:
            yield cluster
    except PostgresMissing as missing:
        require(False, str(missing))


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated database, to be copied and never used."""
    postgres.psql(f"CREATE DATABASE {TEMPLATE}")
    postgres.psql(f"CREATE ROLE {APP} LOGIN")
    # Tests look at rows by statements of their own too, and there at all of them; the product's say whose they want.
    postgres.psql(f"ALTER ROLE {APP} SET {SETTING} = '{ALL}'")
    asyncio.run(_made(postgres.url(TEMPLATE)))
    return TEMPLATE


async def _made(url: str) -> None:
    await migrate(url)
    await raise_wall(url, APP)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied and never used."""
    path = tmp_path_factory.mktemp("template") / "usher.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated database file of this test."""
    path = shutil.copy(sqlite_template, tmp_path / "usher.db")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """A migrated database of this test."""
    with postgres.database(postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test, on SQLite and once more on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """The product's own face of that database: the test runs on both."""
    database = Database(database_url, KEYS)
    with as_asked(database):
        yield database
    await database.close()


@pytest.fixture
async def sqlite_db(sqlite_url: str) -> AsyncIterator[Database]:
    """For tests to which the engine is all one."""
    database = Database(sqlite_url, KEYS)
    yield database
    await database.close()


@pytest.fixture
async def postgres_db(postgres_url: str) -> AsyncIterator[Database]:
    """For what PostgreSQL alone can do."""
    database = Database(postgres_url, KEYS)
    with as_asked(database):
        yield database
    await database.close()
