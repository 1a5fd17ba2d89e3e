"""What a tool gives beside words is put into the thread, and whoever may not put it there says so."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mcp import types
from mcp.server import MCPServer

from mcp_runtime.tools.results import MAX_FILES, MAX_LINKS, for_model
from run_cards import custom
from tests.mcp_runtime.servers import asgi, free_socket, port_of
from tests.support.slack import DM, OWNER, Usher

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    server, listener = MCPServer("camera", log_level="CRITICAL"), free_socket()

    @server.tool()
    async def photo() -> list[types.ImageContent | types.AudioContent | types.TextContent]:
        """A picture, and a sound."""
        data = base64.b64encode(PIXEL).decode()
        return [
            types.TextContent(type="text", text="here"),
            types.ImageContent(type="image", data=data, mime_type="image/png"),
            types.AudioContent(type="audio", data=data, mime_type="text/html"),
        ]

    async with asgi(server.streamable_http_app(), listener):
        yield f"http://127.0.0.1:{port_of(listener)}/mcp"


async def asked(usher: Usher, url: str) -> str:
    made = await usher.services.connections.begin(usher.member, custom.CARD, {"name": "Camera", "url": url})
    await usher.services.connections.choices.set_policy(usher.member, made.connection.id, "photo", "always")
    usher.gemini.will_call(("camera__photo", {}))
    usher.gemini.will_say("There it is.")
    return await usher.slack.person_says(OWNER, DM, "a photo, please")


def attached(usher: Usher) -> list[dict[str, Any]]:
    return [each for each in usher.slack.messages(DM, OWNER) if each.get("files")]


async def test_a_picture_is_put_into_the_thread_and_given_to_the_model(url: str, usher: Usher) -> None:
    ts = await asked(usher, url)
    await usher.message_with("There it is.")
    (message,) = attached(usher)
    assert message["thread_ts"] == ts
    picture, other = message["files"]
    assert (picture["name"], picture["title"], picture["size"]) == ("image-1.png", "Camera: Photo", len(PIXEL))
    assert other["name"] == "file-2.bin"  # what calls itself a page is opened as nothing
    assert base64.urlsafe_b64encode(PIXEL).decode() in str(usher.gemini.heard())
    assert usher.slack.refusals == []


async def test_what_slack_does_not_take_is_told_and_the_answer_goes_on(url: str, usher: Usher) -> None:
    usher.slack.will_refuse("files.completeUploadExternal", "missing_scope")
    await asked(usher, url)
    answer = await usher.message_with("There it is.")
    assert "2 files of Camera: Photo could not be shown here." in str(answer["parts"])
    assert attached(usher) == []


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
