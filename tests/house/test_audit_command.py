"""`usher audit` says whether the audit is as it was written, and gives all of it out; it changes nothing."""

import base64
import json
import sys
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.maintenance.audit import audit, options
from bot.running.audit_keys import audit_keys
from bot.settings import Settings
from storage.database import Database
from storage.repositories.workspaces.audit_verifying import Anchor
from storage.tables import AuditEntry
from tests.house.test_variables import ENOUGH
from tests.storage import rows

KEY = base64.urlsafe_b64encode(b"m" * 32).decode()
DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    return Settings.read({**ENOUGH, "DATABASE_URL": sqlite_url, "SECRET_KEY": KEY})


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """Two workspaces, of which one has three entries."""
    db = Database(settings.database_url, audit_keys(settings))
    for name in ("T1", "T2"):
        await rows.workspace(db, name)
    for number in range(3):
        async with db.begin() as tables:
            await tables.audit.add("T1", "U1", "link.created", f"l{number}", {"title": "Grüße", "share": 1e16})
    yield db
    await db.close()


async def usher(settings: Settings, *words: str) -> int:
    parser = ArgumentParser()
    options(parser)
    return await audit(settings, parser.parse_args(words))


async def head(db: Database) -> Anchor:
    async with db.read() as tables:
        found = await tables.audit.head("T1")
    assert found
    return found


async def test_a_whole_audit_is_told_with_its_head_and_a_changed_one_by_its_entry(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = await head(db)
    assert await usher(settings, "verify") == 0
    told = capsys.readouterr().out
    assert f"T1: 3 entries, each as it was written; head {noted}\n" in told and "T2: 0 entries" in told
    assert await usher(settings, "verify", "--workspace", "T1", "--anchor", str(noted)) == 0
    assert await usher(settings, "verify", "--workspace", "T1", "--anchor", f"4:{noted.mac}") == 1
    assert "T1: CHANGED at entry 4: the newest entries are missing" in capsys.readouterr().out
    async with db.begin() as tables:
        await tables.session.execute(sa.update(AuditEntry).where(AuditEntry.number == 2).values(actor="U2"))
    assert await usher(settings, "verify") == 1
    assert "T1: CHANGED at entry 2" in capsys.readouterr().out


async def test_what_cannot_be_asked_is_told_with_the_cure(
    db: Database, settings: Settings, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await usher(settings, "verify", "--anchor", str(await head(db))) == 2
    assert "--workspace. There are: T1, T2." in capsys.readouterr().err
    assert await usher(settings, "export", "--workspace", "T9") == 2
    assert "There is no workspace T9." in capsys.readouterr().err
    assert await usher(Settings.read({**ENOUGH, "DATABASE_URL": sqlite_url}), "verify") == 2
    assert "There is no master key" in capsys.readouterr().err
    assert not Path(f"{sa.make_url(sqlite_url).database}.key").exists()


async def test_an_export_is_verified_by_the_lines_that_the_handbook_gives(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await usher(settings, "export") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(json.loads(each)["body"])["subject"] for each in lines] == ["l0", "l1", "l2"]
    program = DOCUMENT.read_text().partition("<!-- rehearsed: audit-export -->\n```python\n")[2].partition("```")[0]

    def verified(lines: list[str]) -> str:
        monkeypatch.setattr(sys, "argv", ["verify", KEY])
        monkeypatch.setattr(sys, "stdin", StringIO("\n".join(lines)))
        exec(program, {})  # noqa: S102  our own page
        return capsys.readouterr().out

    assert verified(lines).count("as it was written") == 3
    assert verified([lines[0], lines[1].replace("Grüße", "Grüsse"), lines[2]]).splitlines()[1] == "T1 2 CHANGED"
