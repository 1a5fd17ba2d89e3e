"""Members' pictures are fetched by us, from Slack's own places alone, and are what they look like."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.links.hosting.values import Picture
from bot.slack.edge.people.pictures import LARGEST, Pictures
from bot.slack.edge.people.profiles import Profiles
from storage.members import Member

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
ANNA = Member("T1", "U1")


@dataclass
class Slack:
    """A workspace that says where a picture is, and gives it."""

    picture: str = "/face"
    custom: bool = True
    answer: web.Response = field(default_factory=lambda: web.Response(body=PNG, content_type="text/html"))
    url: str = ""
    asked: int = 0

    async def user(self, request: web.Request) -> web.Response:
        address = self.picture if "//" in self.picture else self.url + self.picture
        profile = {"real_name": "Anna", "image_192": address, "is_custom_image": self.custom}
        return web.json_response({"ok": True, "user": {"id": "U1", "profile": profile}})

    async def face(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(
            status=self.answer.status, body=self.answer.body, headers={"Location": "/face", "Content-Type": "text/html"}
        )


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    fake = Slack()
    app = web.Application()
    app.add_routes([web.get("/api/users.info", fake.user), web.get("/face", fake.face)])
    async with TestServer(app) as server:
        fake.url = f"http://127.0.0.1:{server.port}"
        yield fake


def pictures(slack: Slack) -> Pictures:
    client = AsyncWebClient("xoxb-1", base_url=f"{slack.url}/api/")
    return Pictures(client, Profiles(client))


def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that would be fetched; each gives a picture."""
    asked: list[str] = []

    async def fetched(address: str) -> Picture:
        asked.append(address)
        return Picture(PNG, "image/png")

    monkeypatch.setattr("bot.slack.edge.people.pictures._fetched", fetched)
    return asked


async def test_a_picture_is_what_its_bytes_say_and_is_fetched_once(slack: Slack) -> None:
    album = pictures(slack)
    found = await album.of(ANNA)
    assert found and (found.content, found.type) == (PNG, "image/png")
    assert await album.of(ANNA) is found
    assert slack.asked == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        (200, PNG + b"x" * LARGEST),
        (302, PNG),
        (404, PNG),
        (200, b""),
    ],
    ids=["a drawing", "too large", "elsewhere", "gone", "nothing"],
)
async def test_what_is_no_picture_is_not_shown_nor_asked_for_again(slack: Slack, status: int, body: bytes) -> None:
    slack.answer = web.Response(status=status, body=body)
    album = pictures(slack)
    assert [await album.of(ANNA) for _ in range(2)] == [None, None]
    assert slack.asked == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "https://evil.example/face.png",
        "https://slack-edge.com.evil.example/face.png",
        "https://anna@avatars.slack-edge.com/face.png",
        "http://avatars.slack-edge.com/face.png",
        "file:///etc/passwd",
        "",
    ],
)
async def test_no_other_host_is_asked(slack: Slack, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = dialled(monkeypatch)
    slack.picture = address or "//"
    assert await pictures(slack).of(ANNA) is None
    assert not asked


async def test_slacks_own_places_are_asked(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = dialled(monkeypatch)
    slack.picture = "https://avatars.slack-edge.com/face.png"
    assert await pictures(slack).of(ANNA)
    assert asked == [slack.picture]


async def test_what_slack_draws_for_who_chose_none_is_not_shown(slack: Slack) -> None:
    slack.custom = False
    assert await pictures(slack).of(ANNA) is None
    assert slack.asked == 0
