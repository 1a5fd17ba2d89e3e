"""`usher forget` tells what would go, and deletes only when that was confirmed."""

import re
from argparse import Namespace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.maintenance.forgetting import forget
from bot.settings import Settings
from storage.database import Database
from storage.schema import Base
from tests.house.test_variables import ENOUGH
from tests.storage.test_workspaces import NOBODYS, fill


async def test_a_workspace_is_forgotten_once_that_was_confirmed(
    sqlite_db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sqlite_db.engine.url.render_as_string(hide_password=False)
    settings = Settings.read({**ENOUGH, "DATABASE_URL": url})
    for where in ("T1", "T2"):
        await fill(sqlite_db, where)

    async def said(workspace: str, *, yes: bool = False) -> tuple[int, str]:
        code = await forget(settings, Namespace(workspace=workspace, yes=yes))
        told = capsys.readouterr()
        return code, told.out + told.err

    code, told = await said("T1")
    assert code == 1 and "1 conversation, 1 connection, 1 chat link would be deleted" in told and "--yes" in told
    code, told = await said("T1", yes=True)
    assert code == 0 and "is forgotten" in told and "restart Usher" in told
    async with sqlite_db.read() as tables:
        assert await tables.workspaces.ids() == ["T2"]
        assert await tables.workspaces.forgotten_at("T1")
    assert await named_in(sqlite_db, "T1") == {"forgotten_workspaces"}
    assert await named_in(sqlite_db, "T2") >= {table.name for table in Base.metadata.sorted_tables} - {*NOBODYS}
    code, told = await said("T1", yes=True)
    assert code == 1 and "it was forgotten on" in told
    code, told = await said("T9")
    assert code == 1 and "Known: T2." in told


async def named_in(db: Database, workspace: str) -> set[str]:
    """All tables in which it stands anywhere as a word, whatever tables there are (a time of day has a `T10` in it)."""
    word = re.compile(rf"\b{workspace}\b")
    async with db.read() as tables:
        found = {}
        for table in Base.metadata.sorted_tables:
            found[table.name] = (await tables.session.execute(sa.select(table))).all()
    return {name for name, rows in found.items() if any(word.search(str(value)) for row in rows for value in row)}


async def test_a_database_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = Settings.read({**ENOUGH, "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/none/at/all.db"})
    assert await forget(settings, Namespace(workspace="T1", yes=True)) == 2
    assert capsys.readouterr().err
