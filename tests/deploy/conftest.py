"""What Usher speaks with in these tests."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.gemini import LocalGemini
from playground.slack.server import LocalSlack
from tests.deploy.operated import Around
from tests.support.gemini import plain_environment
from tests.support.postgres import Postgres
from tests.support.requirements import require
from tests.support.slack import MANIFEST, no_proxy, notes

__all__ = ["no_proxy", "notes"]


@pytest.fixture
async def around(tmp_path: Path, notes: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Around]:
    plain_environment(monkeypatch)
    async with (
        LocalSlack(tmp_path / "slack", manifest=MANIFEST, generosity=None) as slack,
        LocalGemini() as model,
    ):
        yield Around(slack, model, notes)


@pytest.fixture
def postgres_tools(postgres: Postgres) -> str:
    """Where psql, pg_dump and the like of the tests' PostgreSQL lie."""
    require((postgres.binaries / "pg_dump").exists(), "pg_dump is not installed (Debian: apt-get install postgresql)")
    return str(postgres.binaries)


def tool(name: str, package: str) -> str:
    """The path of a program that a test needs."""
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin") or shutil.which(name)
    require(found is not None, f"{name} is not installed (Debian: apt-get install {package})")
    return str(found)
