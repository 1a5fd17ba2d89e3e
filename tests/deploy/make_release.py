"""Adds this version's databases to `releases`, once, before it is tagged: `pytest tests/deploy/make_release.py`."""

from importlib.metadata import version
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.deploy import released
from tests.deploy.life import left_unfinished, lived
from tests.deploy.operated import Around, running, usher
from tests.support.postgres import Postgres


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_this_versions_database_is_kept(
    engine: str, around: Around, tmp_path: Path, postgres: Postgres, postgres_tools: str
) -> None:
    name = version("usher")
    if (released.FOLDER / name / f"{engine}.sql").exists():
        pytest.fail(f"{name} has its {engine}.sql: what a release wrote stays as it was")
    with postgres.database() as url:
        env = around.env(url if engine == "postgres" else "sqlite+aiosqlite:///usher.db")
        assert (await usher(env, tmp_path, "migrate"))[0] == 0
        async with running(around, env, tmp_path):
            known = await lived(around)
            await left_unfinished(around)
            # While it runs: with a lease, a running turn, an open ticket.
            if engine == "postgres":
                dump = released.dump_postgres(postgres, str(make_url(url).database))
            else:
                dump = released.dump_sqlite(tmp_path / "usher.db")
        released.write(name, engine, dump, around.notes, known)
