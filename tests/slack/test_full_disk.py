"""The disk is full: whoever asks is told, nothing counts as taken in, and with room again all goes on by itself."""

import asyncio
import errno
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.readiness import Ready
from bot.running.disk import Disk
from bot.running.logs import SaidOnce
from bot.services.chats import Told
from bot.slack.replies.rendering import SlackRendering
from bot.slack.screens.notices import GOES_ON_LATER, NO_ROOM, NOT_TAKEN_IN
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.engines.room import HAS, LACKS
from storage.tables import Event, Turn
from tests.faults.test_full_disk import filled
from tests.install.test_disks import disk_of
from tests.slack.test_mending import Shown, conversation
from tests.support.audit import KEYS
from tests.support.gemini import Scripted
from tests.support.slack import DM, GENERAL, OWNER, PATIENCE, TEAM, Usher, running_usher


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(tmp_path / "small disk", "4m") as disk:
        yield disk


@pytest.fixture
async def usher(
    disk: Path, sqlite_template: Path, slack: LocalSlack, client: AsyncWebClient, gemini: Scripted
) -> AsyncIterator[Usher]:
    shutil.copy(sqlite_template, disk / "usher.db")
    db = Database(f"sqlite+aiosqlite:///{disk}/usher.db", KEYS)
    async with running_usher(slack, client, db, gemini) as usher:
        async with db.begin() as tables:
            await tables.workspaces.ensure(TEAM)
        yield usher
    await db.close()


async def brought(usher: Usher, headers: dict[str, str] | None = None, **body: Any) -> BoltResponse:
    """As Slack brings it; what it hears in return is what counts for it as taken in."""
    body = {"team_id": TEAM, "user_id": OWNER, **body}
    answer: BoltResponse = await usher.app.async_dispatch(
        AsyncBoltRequest(body=body, mode="socket_mode", headers=headers)
    )
    return answer


async def all_told(db: Database) -> None:
    async with asyncio.timeout(60):
        while True:
            async with db.read() as tables:
                if all(await tables.session.scalars(sa.select(Turn.told))):
                    return
            await asyncio.sleep(0.01)


def said_in(thread: str, text: str) -> dict[str, Any]:
    told = {"type": "message", "channel": DM, "channel_type": "im", "user": OWNER, "team": TEAM}
    return {
        "type": "event_callback",
        "event_id": "Ev7",
        "event": {**told, "ts": f"{thread}7", "thread_ts": thread, "text": text},
    }


async def test_what_cannot_be_kept_is_refused_in_words_and_goes_on_once_there_is_room(
    usher: Usher, disk: Path, gemini: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(SaidOnce())
    caplog.set_level(logging.WARNING)
    gemini.will_say("I am.")
    db, thread = usher.services.db, await usher.slack.person_says(OWNER, DM, "Are you there?")
    await usher.message_with("I am.")
    await all_told(db)
    await db.settle_file()
    filler = filled(disk)
    ready = Ready(db, None, lambda: asyncio.sleep(0))
    mine = said_in(thread, "Keep this")
    for _ in range(2):  # Slack brings it once more at once
        assert (await brought(usher, **mine)).status == 503
    assert (await ready())["database"] == "has no room left on its disk"
    told = [each for each in usher.slack.messages(DM, OWNER) if each["text"] == NOT_TAKEN_IN]
    assert len(told) == 1
    signed = {"x-slack-signature": "v0=1"}  # which is noted, so that it cannot be done twice
    refused = await brought(usher, signed, command="/tempchat", text="list", trigger_id="1.1", channel_id=GENERAL)
    assert refused.status == 200 and NO_ROOM in refused.body
    filler.unlink()
    watching = asyncio.create_task(Disk(db).watch(0.01))
    async with asyncio.timeout(PATIENCE):
        while db.room.lacks.is_set():
            await asyncio.sleep(0.01)
    watching.cancel()
    assert (await ready())["database"] == "ok"
    gemini.will_say("It is kept.")
    assert (await brought(usher, **mine)).status == 200
    assert await usher.message_with("It is kept.")
    texts = [record.getMessage() for record in caplog.records]
    assert (texts.count(LACKS), texts.count(HAS)) == (1, 1) and len(texts) < 10, texts


async def test_whoever_waits_for_an_answer_reads_why_it_does_not_go_on(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    thread = await slack.person_says(OWNER, DM, "hi")

    async def filling() -> AsyncIterator[Told]:
        yield Event(kind="status", body={"state": "working", "text": ""})
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        turn = Turn(id="t", workspace_id=TEAM, shown={}, attempts=1)
        await SlackRendering(client, Shown())(turn, conversation(thread), filling())  # type: ignore[arg-type]
    assert GOES_ON_LATER in [each["text"] for each in slack.messages(DM, OWNER)]
    assert slack.refusals == []
