"""The disk under SQLite fills while a guest is answered: what was taken is answered once, what was not is said so."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.schema import now
from storage.tables import RateLimit, Turn
from tests.faults.gated_model import Gated, answer_to
from tests.install.test_disks import disk_of
from tests.support.audit import KEYS
from tests.support.gemini import Scripted
from tests.web.caller import PAGE
from tests.web.sidecar import House, running

SIZE = "3m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(tmp_path / "small disk", SIZE) as disk:
        yield disk


@pytest.fixture
async def house(disk: Path, sqlite_template: Path, gemini: Scripted) -> AsyncIterator[House]:
    shutil.copy(sqlite_template, disk / "usher.db")
    db = Database(f"sqlite+aiosqlite:///{disk}/usher.db", KEYS)
    async with running(db, Scripted(gemini.server, Gated())) as house:
        yield house
    await db.close()


def filled(disk: Path) -> Path:
    """A file that takes all that is left."""
    filler = disk / "filler"
    with closing(os.fdopen(os.open(filler, os.O_WRONLY | os.O_CREAT), "wb", buffering=0)) as writing:
        for size in (64 * 1024, 4096, 1):
            try:
                while writing.write(b"\0" * size):
                    pass
            except OSError:
                continue
    assert shutil.disk_usage(disk).free == 0
    return filler


GIVEN_UP = ("could not be shown", "is over, and with it the work on it here")
"""It could not be stored, or its lease has lapsed before that was known."""


async def may_write_at_once(house: House) -> None:
    async with house.db.begin() as tables:
        await tables.session.execute(sa.delete(RateLimit))


async def later(house: House) -> None:
    """As it would be after a while: leases of what could not be stored have lapsed."""
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Turn).where(Turn.lease_until.is_not(None)).values(lease_until=now()))
    await may_write_at_once(house)
    await house.bus.tell("turns")


async def test_what_was_taken_is_answered_once_and_what_was_not_is_told(
    house: House, disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = house.model.model
    assert isinstance(model, Gated)
    guest = await house.guest()
    assert (await guest.say("the first question", "client-one")).status == 202
    await model.begun(1)
    await may_write_at_once(house)
    filler = filled(disk)
    refused = await guest.say("the second question", "client-two")
    assert (refused.status, refused.json["code"]) == (503, "away")
    assert "not taken in. You still have it" in refused.json["text"] and int(refused.headers["Retry-After"]) > 0
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    assert page.status == 200 and "the first question" in page.text, "what is there can be read"
    model.let.set()
    async with asyncio.timeout(60):
        while not any(words in caplog.text for words in GIVEN_UP):
            await guest.ask("GET", "/healthz")
    assert await guest.conversation(1) == [("guest", "the first question")]
    filler.unlink()
    await later(house)
    for _ in range(2):  # the page sends what was not taken again, twice when it did not hear the answer
        assert (await guest.say("the second question", "client-two")).status == 202
    said = await guest.conversation(4)
    first, second = "the first question", "the second question"
    assert sorted(said) == sorted(
        [("guest", first), ("guest", second), ("agent", answer_to(first)), ("agent", answer_to(second))]
    )
