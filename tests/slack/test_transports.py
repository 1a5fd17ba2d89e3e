"""Tokens that Slack refuses, sockets that stay down, requests that are forged or malformed, and who is an admin."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge import http_mode, socket_mode, token_check
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.calls.client import web_client
from bot.slack.edge.deduplication import once
from bot.slack.edge.errors import SlackRefused, before_a_listener
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.edge.socket_mode import Socket
from playground.slack.server import LocalSlack
from storage.database import Database
from tests.support.slack import GENERAL, OWNER, TEAM

SECRET = "signing-secret"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    app = AsyncApp(client=client, signing_secret=SECRET, name="test")

    @Registry(app, BackgroundTasks()).command("/try")
    async def ran(interaction: Interaction) -> None:
        await interaction.ack(text="it ran")

    return app


FIELDS = {"command": "/try", "team_id": TEAM, "user_id": OWNER, "channel_id": GENERAL, "trigger_id": "1"}


def command(text: str = "") -> bytes:
    return urlencode({**FIELDS, "text": text}).encode()


# --- Socket Mode
async def test_a_bad_bot_token_names_its_variable_and_the_cure(slack: LocalSlack) -> None:
    async with ClientSession() as session:
        wrong = AsyncApp(client=web_client("xoxb-wrong", session, slack.api_url), signing_secret="", name="t")
        with pytest.raises(SlackRefused, match=r"SLACK_BOT_TOKEN.*OAuth & Permissions") as refused:
            await Socket(wrong, slack.app_token).open()
    assert "xoxb-wrong" not in str(refused.value)


async def test_a_bad_app_token_names_its_variable_and_the_cure(slack: LocalSlack, app: AsyncApp) -> None:
    with pytest.raises(SlackRefused, match=r"SLACK_APP_TOKEN.*connections:write"):
        await Socket(app, "xapp-wrong").open()


async def test_a_slack_that_does_not_answer_is_said_so() -> None:
    async with ClientSession() as session:
        with pytest.raises(SlackRefused, match="SLACK_API_URL"):
            await token_check.check_bot_token(web_client("xoxb-x", session, "http://127.0.0.1:9/api/"))


async def test_who_usher_is_comes_with_the_check(client: AsyncWebClient) -> None:
    who = await token_check.check_bot_token(client)
    assert (who.team, who.team_name, who.user, who.bot) == (TEAM, "Local workspace", "U0USHER", "B0USHER")
    assert "chat:write" in who.headers["x-oauth-scopes"] and "date" in who.headers


async def test_a_socket_opens_and_closes(slack: LocalSlack, app: AsyncApp) -> None:
    registry = Socket(app, slack.app_token)
    await registry.open()
    await slack.when(lambda: slack.online)
    assert await registry.connected()
    await registry.close()
    await slack.when(lambda: not slack.online)
    assert not await registry.connected()


@pytest.fixture
async def watched(slack: LocalSlack, app: AsyncApp, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Socket]:
    """An open socket that is looked after, without the pauses."""
    monkeypatch.setattr(socket_mode, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(socket_mode, "DOWN_FOR", 0.02)
    monkeypatch.setattr(socket_mode, "PAUSES", (0.01,))
    registry = Socket(app, slack.app_token)
    await registry.open()
    await slack.when(lambda: slack.online)
    watching = asyncio.create_task(registry.watch())
    yield registry
    watching.cancel()
    await asyncio.wait({watching})
    await registry.close()


async def works_again(slack: LocalSlack) -> None:
    await slack.when(lambda: slack.online)
    assert (await slack.workspace.sockets.deliver("slash_commands", FIELDS))["text"] == "it ran"


async def test_handshakes_that_slack_refuses_are_tried_again_each_with_an_address_of_its_own(
    slack: LocalSlack, watched: Socket
) -> None:
    sockets = slack.workspace.sockets
    sockets.refusing = True
    await sockets.close()
    await slack.when(lambda: sockets.refused >= 2)
    asked = len(slack.of("apps.connections.open"))
    sockets.refusing = False
    await works_again(slack)
    assert asked >= 3  # one for the first connection and one for each that was refused


async def test_a_connection_lost_without_a_word_is_made_anew(slack: LocalSlack, watched: Socket) -> None:
    first = slack.workspace.sockets.open[0]
    assert first._req is not None and first._req.transport is not None
    first._req.transport.abort()
    await slack.when(lambda: first not in slack.workspace.sockets.open)
    await works_again(slack)


async def test_new_connections_that_slack_asks_for_take_the_place_of_the_old(
    slack: LocalSlack, watched: Socket
) -> None:
    first = slack.workspace.sockets.open[0]
    await slack.workspace.sockets.refresh()
    await slack.when(lambda: slack.online and first not in slack.workspace.sockets.open)
    await works_again(slack)
    assert len(slack.workspace.sockets.open) == 1


async def test_a_slack_that_gives_out_no_address_is_asked_until_it_does(
    slack: LocalSlack, watched: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = asyncio.Semaphore(0)

    async def no_address(_: object) -> str:
        tries.release()
        raise ConnectionError("away")

    with monkeypatch.context() as patched:
        patched.setattr(socket_mode.Client, "issue_new_wss_url", no_address)
        await slack.workspace.sockets.close()
        for _ in range(3):
            await asyncio.wait_for(tries.acquire(), 60)
    await works_again(slack)


# --- HTTP mode
Send = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def send(app: AsyncApp) -> AsyncIterator[Send]:
    site = web.Application(client_max_size=64 << 10)  # what the sidecar takes from guests
    site.add_routes(http_mode.routes(app, SECRET))
    async with TestClient(TestServer(site)) as browser:

        async def post(
            body: Any, stamp: str | None = None, signature: str | None = None, kind: str = FORM
        ) -> tuple[int, str]:
            stamp = str(int(time.time())) if stamp is None else stamp
            if signature is None:
                signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body) or ""
            given = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
            async with browser.post(http_mode.PATH, data=body, headers=given | {"Content-Type": kind}) as answer:
                return answer.status, await answer.text()

        yield post


async def test_a_signed_command_runs(send: Send) -> None:
    status, body = await send(command())
    assert status == 200 and "it ran" in body


async def test_slack_may_send_more_at_once_than_a_guest(send: Send) -> None:
    status, body = await send(command("x" * 500_000))
    assert status == 200 and "it ran" in body


async def test_what_is_forged_stale_or_malformed_is_refused_before_bolt(send: Send) -> None:
    old = str(int(time.time()) - 301)
    assert (await send(command(), signature="v0=" + "0" * 64))[0] == 401
    assert (await send(command(), signature=""))[0] == 401
    assert (await send(command(), stamp=old))[0] == 401
    assert (await send(command(), stamp="soon", signature="v0=0"))[0] == 401
    assert (await send(command(), stamp="9" * 5000, signature="v0=0"))[0] == 401
    assert (await send(b"\xff\xfe", signature="v0=0"))[0] == 400
    assert (await send(BytesIO(b"x" * ((1 << 20) + 1)), signature="v0=0"))[0] == 413


async def test_nothing_is_read_of_what_is_forged_or_stale_and_bolt_would_refuse_it_too(
    app: AsyncApp, send: Send
) -> None:
    """Two walls: what cannot be understood would be a 400, so a 401 says that nobody has tried to."""
    forged, old = "v0=" + "0" * 64, str(int(time.time()) - 301)
    assert [(await send(body, signature=forged, kind=JSON))[0] for body in (b"{", b"[" * 100_000)] == [401, 401]
    assert (await send(b"{", stamp=old, kind=JSON))[0] == 401
    right = SignatureVerifier(SECRET).generate_signature(timestamp=old, body=command()) or ""
    for stamp, signature in ((str(int(time.time())), forged), (old, right)):
        marks = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": FORM}
        assert (await app.async_dispatch(AsyncBoltRequest(body=command().decode(), headers=marks))).status == 401


@pytest.mark.parametrize("kind", [FORM, JSON])
@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"{]", b'{"a": 1}}', b"payload=no+json", b"payload=", b"payload=%5B%5D", b"payload=null"),
        *(b'{"event": {}, "authorizations": [3]}', b'{"enterprise": 5}', b'{"x": ' + b"[" * 100_000),
    ],
    ids=lambda body: body[:24],
)
async def test_a_signed_body_that_cannot_be_understood_is_refused(send: Send, body: bytes, kind: str) -> None:
    assert (await send(body, kind=kind))[0] == 400


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"7", b"[1", b"true", b"not json at all"])
async def test_signed_json_that_is_no_object_is_refused(send: Send, body: bytes) -> None:
    assert (await send(body, kind=JSON))[0] == 400


async def test_an_event_that_cannot_be_stored_is_refused_so_that_slack_brings_it_again(
    app: AsyncApp, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    nobody_there = Database("postgresql+asyncpg://usher:a-password@127.0.0.1:9/usher")
    app.error(before_a_listener)
    app.middleware(once(nobody_there))
    assert (await send(command()))[0] == 503
    await nobody_there.close()
    assert "the database is away" in caplog.text and "a-password" not in caplog.text


async def test_what_slack_signed_once_is_taken_once(app: AsyncApp, send: Send, db: Database) -> None:
    app.middleware(once(db))
    now = str(int(time.time()))
    later = str(int(now) + 1)
    assert ["it ran" in (await send(command(), stamp=now))[1] for _ in range(3)] == [True, False, False]
    together = await asyncio.gather(*(send(command("at once"), stamp=now) for _ in range(5)))
    assert sorted(bool(body) for _, body in together) == [False] * 4 + [True]
    assert "it ran" in (await send(command(), stamp=later))[1], "Slack signs each of its requests anew"


def test_there_is_no_http_mode_without_a_secret(app: AsyncApp) -> None:
    with pytest.raises(ValueError, match="SLACK_SIGNING_SECRET"):
        http_mode.routes(app, "")
