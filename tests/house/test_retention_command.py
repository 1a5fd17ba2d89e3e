"""`usher retention` says what is kept and what was removed, and changes nothing."""

from argparse import Namespace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.maintenance.retention import retention
from bot.services.limits.keeping import Chosen, Keeping, Kept
from bot.settings import Settings
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Session
from tests.house.test_variables import ENOUGH
from tests.storage import rows


async def test_it_tells_what_is_kept_and_what_was_removed(
    sqlite_db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    link = await rows.link(sqlite_db, "token")
    async with sqlite_db.begin() as tables:
        session = await tables.sessions.insert(rows.session(link))
        ended = sa.update(Session).where(Session.id == session.id)
        await tables.session.execute(ended.values(ended_at=now() - timedelta(days=3)))
        await tables.audit.add("T1", "usher", "link.purged", link.id, {"by": "guest", "messages": 4, "events": 7})
        await tables.audit.add("T1", "usher", "link.purged", link.id, {"by": "time", "messages": 1, "events": 2})
        await tables.audit.add("T1", "usher", "retention.enforced", "T1", {"conversations": 12})
    await Keeping(sqlite_db, Kept()).set(Member("T1", "U1"), Chosen(guests=3))
    url = sqlite_db.engine.url.render_as_string(hide_password=False)
    settings = Settings.read({**ENOUGH, "DATABASE_URL": url, "TEMPCHAT_KEEP_DAYS": "7"})
    assert await retention(settings, Namespace()) == 0
    told = capsys.readouterr().out
    assert "kept for 7 days" in told and "T1: ended chats kept: 1, the oldest" in told and "deleted: 0." in told
    assert "chats that guests deleted: 1" in told and "last 30 days, chats: 1" in told
    assert "events of chats: 9" in told and "messages of chats: 5" in told
    assert "its administrators chose, in days: conversations 90, guests' chats 3, audit 365" in told
    assert "last 30 days, conversations: 12" in told


async def test_a_database_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    settings = Settings.read({**ENOUGH, "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/none/at/all.db"})
    assert await retention(settings, Namespace()) == 2
    assert capsys.readouterr().err
