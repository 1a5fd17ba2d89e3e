"""A local Slack on a clock that the test turns, and a real Bolt app connected to it."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.core.clock import Clock
from playground.slack.server import LocalSlack

OWNER, MEMBER, DM, GENERAL = "U0OWNER", "U0MEMBER", "D0OWNER", "C0GENERAL"


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def section(text: str = "x", **more) -> dict:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(**more) -> dict:
    return {"type": "button", "action_id": "a", "text": plain("b"), **more}


def actions(*elements: dict, **more) -> dict:
    return {"type": "actions", "elements": list(elements), **more}


def entry(kind: str = "plain_text_input", block_id: str = "field", **more) -> dict:
    element = {"type": kind, "action_id": "a", **more}
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": element}


def modal(*blocks: dict, **more) -> dict:
    return {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": list(blocks or [section()]), **more}


def home(*blocks: dict) -> dict:
    return {"type": "home", "blocks": list(blocks or [section()])}


def recorded(app, *kinds: str) -> list[dict]:
    """Acks these kinds of requests and keeps their bodies."""
    bodies: list[dict] = []

    async def keep(ack, body):
        await ack()
        bodies.append(body)

    for kind in kinds:
        getattr(app, kind)("a")(keep)
    return bodies


async def refusal(call: Awaitable[object]) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):  # the SDK knows no NO_PROXY
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    return Clock(lambda: 1_800_000_000.0)


@pytest_asyncio.fixture
async def slack(tmp_path: Path, clock: Clock) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(tmp_path, clock=clock) as running:
        yield running


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, signing_secret="local-secret", name="app")


@asynccontextmanager
async def connection(app: AsyncApp, slack: LocalSlack) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()
    await slack.when(lambda: slack.online)
    try:
        yield handler
    finally:
        await handler.close_async()


@pytest.fixture
def connected(app: AsyncApp, slack: LocalSlack) -> AbstractAsyncContextManager[AsyncSocketModeHandler]:
    """Entered once the test has registered its listeners: `async with connected:`."""
    return connection(app, slack)
