"""What a tool gives beside words is put into the thread, and whoever may not put it there says so."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from mcp import types

from bot.services.chats import Attached, Told
from bot.services.chats.files import keep
from bot.slack.replies.rendering import SlackRendering
from mcp_runtime.tools.results import MAX_FILES, MAX_LINKS, for_model
from mcp_runtime.tools.tools import File
from run_cards import custom
from storage.tables import Turn
from tests.slack.camera import PIXEL, Camera, open_camera
from tests.support.slack import DM, OWNER, Usher


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    async with open_camera() as camera:
        yield camera


async def asked(usher: Usher, camera: Camera) -> str:
    made = await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Camera", "url": camera.url})
    await usher.services.connections.choices.set_policy(usher.member, made.connection.id, "photo", "always")
    usher.gemini.will_call(("camera__photo", {}))
    usher.gemini.will_say("There it is.")
    return await usher.slack.person_says(OWNER, DM, "a photo, please")


def attached(usher: Usher) -> list[dict[str, Any]]:
    return [each for each in usher.slack.messages(DM, OWNER) if each.get("files")]


async def test_a_picture_is_put_into_the_thread_and_given_to_the_model(camera: Camera, usher: Usher) -> None:
    ts = await asked(usher, camera)
    await usher.message_with("There it is.")
    (message,) = attached(usher)
    assert message["thread_ts"] == ts
    picture, other = message["files"]
    assert (picture["name"], picture["title"], picture["size"]) == ("image-1.png", "Camera: Photo", len(PIXEL))
    assert other["name"] == "file-2.bin"  # what calls itself a page is opened as nothing
    assert base64.urlsafe_b64encode(PIXEL).decode() in str(usher.gemini.heard())
    assert usher.slack.refusals == []


async def test_what_slack_does_not_take_is_told_and_the_answer_goes_on(camera: Camera, usher: Usher) -> None:
    usher.slack.will_refuse("files.completeUploadExternal", "missing_scope")
    await asked(usher, camera)
    answer = await usher.message_with("There it is.")
    assert "2 files of Camera: Photo could not be shown here." in str(answer["parts"])
    assert attached(usher) == []


async def test_files_whose_answer_is_lost_stand_there_once_and_nobody_says_otherwise(
    camera: Camera, usher: Usher
) -> None:
    usher.slack.will_break("files.completeUploadExternal", cut=True, done=True)
    await asked(usher, camera)
    answer = await usher.message_with("There it is.")
    assert len(attached(usher)) == 1 and "could not be shown" not in str(answer["parts"])


def test_what_is_left_out_of_a_result_is_told() -> None:
    data = base64.b64encode(PIXEL).decode()
    images = [types.ImageContent(type="image", data=data, mime_type="image/png")] * (MAX_FILES + 1)
    broken = types.ImageContent(type="image", data="no base64!", mime_type="image/png")
    links = [
        types.ResourceLink(type="resource_link", name=f"n{number}", uri=f"x://{number}")
        for number in range(MAX_LINKS + 2)
    ]
    given = for_model("S", types.CallToolResult(content=[*images, broken, *links]))
    assert len(given.files) == MAX_FILES and len(given.output["links"]) == MAX_LINKS
    assert "It names 2 more links, which are left out." in given.output["notes"]
    assert any(note.startswith("2 of its files are left out: at most 4") for note in given.output["notes"])


async def test_what_a_call_gives_that_is_run_again_is_shown_once_or_takes_the_place_of_the_former(usher: Usher) -> None:
    usher.gemini.will_say("Here I am.")
    await usher.slack.person_says(OWNER, DM, "hello")
    await usher.message_with("Here I am.")
    async with usher.services.db.read() as tables:
        turn = await tables.session.scalar(sa.select(Turn))
        assert turn
        conversation = await tables.conversations.get(turn.workspace_id, turn.conversation_id)
    assert conversation
    face = SlackRendering(usher.client, usher.services.chats)

    async def shown(content: bytes) -> list[str]:
        given = Attached(turn.id, f"{turn.id}:2:0", "Camera: Photo", (File("image/png", content),))
        async with usher.services.db.begin() as tables:
            await keep(tables, turn, given)

        async def told() -> AsyncIterator[Told]:
            yield given

        await face(turn, conversation, told())
        assert await usher.services.chats.files.left(turn) == []
        return [file["id"] for message in attached(usher) for file in message["files"]]

    (first,) = await shown(PIXEL)
    assert await shown(PIXEL) == [first]
    (second,) = await shown(PIXEL + b"x")
    assert second != first
