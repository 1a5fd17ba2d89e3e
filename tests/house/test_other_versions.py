"""A database that a newer version has changed: commands of this one say a sentence, and a copy says whose it is."""

import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pytest

from bot.maintenance import database, forgetting
from bot.maintenance.database import CANNOT, DONE
from bot.settings import Settings


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    for name, value in {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "GEMINI_API_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    with closing(sqlite3.connect(sqlite_url.partition("///")[2])) as changed:
        changed.execute("UPDATE alembic_version SET version_num = '9999'")
        changed.execute("ALTER TABLE workspaces RENAME COLUMN id TO team")
        changed.commit()
    return Settings.read()


async def test_what_it_lacks_is_told_in_a_sentence_with_the_cure(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    command = forgetting.forget(settings, Namespace(workspace="T1", yes=True))
    assert await database.of_its_version(settings, command) == CANNOT
    told = capsys.readouterr().err
    assert "another version has changed it" in told and "usher doctor" in told and len(told.splitlines()) == 1


async def test_a_copy_of_it_is_made_and_says_that_it_is_of_a_newer_version(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await database.backup(settings, Namespace(folder=tmp_path / "kept")) == DONE
    assert "of a newer Usher than this (at 9999)" in capsys.readouterr().err
