"""Usher is killed between a tool's result and its files in Slack: they are there once all the same."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from playground.slack.server import LocalSlack
from run_cards import custom
from storage.database import Database
from storage.members import Member
from storage.tables import Turn, TurnFile
from tests.house.process import started
from tests.services.house import open_house
from tests.slack.camera import Camera, open_camera
from tests.support.gemini import Scripted
from tests.support.ports import free_port
from tests.support.slack import DM, KEY, OWNER, TEAM, said

BEGIN = "files.getUploadURLExternal"
PATIENCE = 120.0
"""Seconds; three processes start on a machine that may be busy."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    async with open_camera() as camera:
        yield camera


@pytest.fixture
async def env(postgres_db: Database, postgres_url: str, camera: Camera, gemini: Scripted) -> dict[str, str]:
    """Of an Usher whose owner has connected the camera."""
    async with open_house(postgres_db, gemini.model) as house:
        owner = Member(TEAM, OWNER)
        made = await house.connections.begin(owner, custom.CARD, {"name": "Camera", "url": camera.url})
        async with postgres_db.begin() as tables:
            for tool in ("photo", "develop"):
                assert await tables.tools.set_policy(TEAM, made.connection.id, tool, "free")
    port = str(free_port())
    key = base64.urlsafe_b64encode(KEY).decode()
    return {"DATABASE_URL": postgres_url, "SECRET_KEY": key, "PORT": port, "ALLOW_PRIVATE_MCP_HOSTS": "127.0.0.1"}


async def killed(process: asyncio.subprocess.Process, slack: LocalSlack, db: Database) -> None:
    process.kill()
    await process.wait()
    await slack.when(lambda: not slack.online, PATIENCE)
    async with db.begin() as tables:  # what the other process held lapses by itself, later
        await tables.session.execute(sa.update(Turn).values(lease_until=None))


def attached(slack: LocalSlack) -> list[dict[str, Any]]:
    return [each for each in slack.messages(DM, OWNER) if each.get("files")]


async def until(db: Database, query: sa.Select[Any], wanted: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            async with db.read() as tables:
                if await tables.session.scalar(query) == wanted:
                    return
            await asyncio.sleep(0.02)


async def test_files_are_in_the_thread_once_after_a_kill_before_and_one_after_their_upload(
    slack: LocalSlack, postgres_db: Database, env: dict[str, str], camera: Camera, gemini: Scripted, tmp_path: Path
) -> None:
    kept = sa.select(sa.func.count()).select_from(TurnFile)
    both = ("camera__photo", {}), ("camera__develop", {})
    slack.will_limit(BEGIN, retry_after=600)
    gemini.will_call(*both)
    first = await started(env, tmp_path, slack, gemini.server.url)
    await slack.person_says(OWNER, DM, "a photo, please")
    await until(postgres_db, kept, 2)
    await slack.when(lambda: slack.of(BEGIN), PATIENCE)
    await killed(first, slack, postgres_db)
    assert attached(slack) == []

    gemini.will_call(*both)
    second = await started(env, tmp_path, slack, gemini.server.url)
    await until(postgres_db, kept, 0)
    await slack.when(lambda: camera.taken == 2, PATIENCE)
    (message,) = attached(slack)
    await killed(second, slack, postgres_db)

    gemini.will_call(*both)
    gemini.will_say("There it is.")
    camera.developed.set()
    third = await started(env, tmp_path, slack, gemini.server.url)
    await slack.when(lambda: any("There it is." in said(each) for each in slack.messages(DM, OWNER)), PATIENCE)
    await until(postgres_db, sa.select(sa.func.count()).select_from(Turn).where(Turn.told), 1)
    assert camera.taken == 3
    assert [each["ts"] for each in attached(slack)] == [message["ts"]]
    assert len(message["files"]) == 2
    await until(postgres_db, kept, 0)
    third.terminate()
    await third.wait()
