"""The edge: acks that survive, repeats that are dropped, work that is drained, and a manifest that tells the truth."""

import asyncio
import errno
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener import AsyncListener
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.slack.app import build_app, hang_all
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.command_words import looks_secret
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import member_of
from bot.slack.edge.registration import Registry
from bot.slack.screens.notices import IN_DOUBT, NO_ROOM
from storage.engines.endings import InDoubt
from storage.members import Member
from tests.support.slack import DM, GENERAL, OWNER, TEAM, Usher

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
SCOPES = {
    "chat": {"chat:write"},
    "assistant": {"assistant:write"},
    "agents": {"assistant:write"},
    "conversations_open": {"im:write"},
    "conversations_history": {"im:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_replies": {"channels:history", "groups:history", "mpim:history"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "files_info": {"files:read"},
    "files": {"files:write"},
    "views": set(),
    "auth_test": set(),
    "apps_connections": set(),
}
CALLED = re.compile(r"client\.((?:chat|views|conversations|users|assistant|auth|apps|agents|files)_\w+)\(")
HEARD = {
    "app_mention": {"app_mentions:read"},
    **{f"channel_{what}": {"channels:read"} for what in ("archive", "deleted", "left")},
    **{f"group_{what}": {"groups:read"} for what in ("archive", "deleted", "left")},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
}


async def send(app: AsyncApp, **body: Any) -> Any:
    return await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))


def command(text: str = "") -> dict[str, Any]:
    return {
        "command": "/try",
        "text": text,
        "team_id": TEAM,
        "user_id": OWNER,
        "channel_id": GENERAL,
        "trigger_id": "1",
    }


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, signing_secret="x", name="test")


async def test_a_command_that_fails_before_its_ack_says_so(app: AsyncApp) -> None:
    @Registry(app, BackgroundTasks()).command("/try")
    async def broken(interaction: Interaction) -> None:
        raise KeyError("a bug with a secret in it")

    answer = await send(app, **command())
    assert answer.status == 200 and "Something went wrong" in answer.body and "bug" not in answer.body
    last = json.loads(answer.body)["blocks"][-1]  # what finds the line of the log comes last, and small
    assert last["type"] == "context" and "Reference" in str(last)


@pytest.mark.parametrize(
    ("error", "told"), [(OSError(errno.ENOSPC, "No space left on device"), NO_ROOM), (InDoubt(), IN_DOUBT)]
)
async def test_a_command_whose_database_fails_it_says_what_that_means(
    app: AsyncApp, error: Exception, told: str
) -> None:
    @Registry(app, BackgroundTasks()).command("/try")
    async def failed(interaction: Interaction) -> None:
        raise error

    answer = await send(app, **command())
    assert answer.status == 200 and told in answer.body and "Reference" not in answer.body


async def test_an_ack_survives_what_comes_right_after_it(app: AsyncApp) -> None:
    @Registry(app, BackgroundTasks()).command("/try")
    async def broken(interaction: Interaction) -> None:
        await interaction.ack(text="fine")
        raise KeyError("bug")

    assert "fine" in (await send(app, **command())).body


async def test_what_a_service_refuses_is_told_as_it_stands_and_escaped(app: AsyncApp) -> None:
    @Registry(app, BackgroundTasks()).command("/try")
    async def refused(interaction: Interaction) -> None:
        raise UserError("No, <@U1>: try again.")

    assert "No, &lt;@U1&gt;: try again." in (await send(app, **command())).body


async def test_people_of_another_organisation_are_left_alone(app: AsyncApp) -> None:
    @Registry(app, BackgroundTasks()).action("a")
    async def never(interaction: Interaction) -> None:
        raise AssertionError("a stranger got in")

    user = {"id": "U9", "team_id": "T9"}
    body = {
        "type": "block_actions",
        "user": user,
        "team": {"id": TEAM},
        "actions": [{"action_id": "a", "type": "button"}],
    }
    assert (await send(app, **body)).status == 200


async def test_what_people_say_is_asked_of_no_listener_but_its_own(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AsyncListener] = []
    matches = AsyncListener.async_matches

    async def noted(listener: AsyncListener, **about: Any) -> bool:
        asked.append(listener)
        return await matches(listener, **about)

    monkeypatch.setattr(AsyncListener, "async_matches", noted)
    usher.gemini.will_say("Hello.")
    await usher.slack.person_says(OWNER, DM, "Hello?")
    await usher.message_with("Hello.")
    assert len(asked) == 1


async def test_what_nobody_listens_to_is_acknowledged(usher: Usher) -> None:
    old = {"type": "block_actions", "user": {"id": OWNER}, "team": {"id": TEAM}}
    assert (await send(usher.app, **old, actions=[{"action_id": "gone.for.years", "type": "button"}])).status == 200
    event = {"type": "event_callback", "team_id": TEAM, "event_id": "E1", "event": {"type": "reaction_added"}}
    assert (await send(usher.app, **event)).status == 200


async def test_a_message_delivered_twice_is_answered_once(usher: Usher) -> None:
    usher.gemini.will_say("Once.")
    ts = await usher.slack.person_says(OWNER, DM, "hi")
    await usher.message_with("Once.")
    event = {"type": "message", "channel_type": "im", "channel": DM, "user": OWNER, "ts": ts, "text": "hi"}
    again = {"type": "event_callback", "team_id": TEAM, "event_id": "other", "event": event}
    assert (await send(usher.app, **again)).status == 200
    async with usher.services.db.read() as tables:
        turn = await tables.turns.by_source(TEAM, f"slack:{DM}:{ts}")
    assert turn and len(usher.gemini.asked) == 1


async def test_an_event_delivered_twice_is_handled_once(usher: Usher) -> None:
    event = {"type": "app_home_opened", "user": OWNER, "channel": DM, "tab": "home"}
    for _ in range(2):
        await send(usher.app, type="event_callback", team_id=TEAM, event_id="E7", event=event)
    await usher.slack.when(lambda: usher.slack.of("views.publish"))
    await usher.tasks.drain(5)
    assert len(usher.slack.of("views.publish")) == 1


async def test_a_message_that_could_not_be_stored_is_not_acknowledged(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(type(usher.services.chats), "say", full)
    event = {"type": "message", "channel_type": "im", "channel": DM, "user": OWNER, "ts": "1.1", "text": "hi"}
    answer = await send(usher.app, type="event_callback", team_id=TEAM, event_id="E8", event=event)
    assert answer.status == 503


async def test_work_is_drained_and_what_does_not_end_is_cancelled() -> None:
    tasks, gate, ended = BackgroundTasks(), asyncio.Event(), []

    async def slow() -> None:
        await gate.wait()
        ended.append(True)

    tasks.start(slow(), "slow")
    asyncio.get_running_loop().call_soon(gate.set)
    assert await tasks.drain(5) == 0 and ended
    endless = tasks.start(asyncio.Event().wait(), "endless")
    assert await tasks.drain(0.01) == 1 and endless.cancelled()


class Nothing:
    """Services that are never called: to hang listeners needs none."""

    db = None

    def __getattr__(self, name: str) -> "Nothing":
        return self


def test_bolt_takes_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")

    app = build_app(AsyncWebClient(token="xoxb-ours"), Nothing(), signing_secret=None)  # type: ignore[arg-type]
    assert app.client.token == "xoxb-ours" and app.oauth_flow is None


def test_the_actor_is_read_from_the_payload() -> None:
    assert member_of({"user_id": "U1", "team_id": "T1"}) == Member("T1", "U1")
    assert member_of({"user": {"id": "U1"}, "team": {"id": "T1"}, "enterprise": {"id": "E1"}}) == Member("E1", "U1")
    assert member_of({"team_id": "T1", "event": {"type": "app_uninstalled"}}) is None


@pytest.mark.parametrize("text", ["xoxb-1234567890-abc", "Bearer abcdef123456", "a1" * 16, "github_pat_11ABCDE0000"])
def test_a_secret_is_known_by_its_looks(text: str) -> None:
    assert looks_secret(f"connect custom {text}")


@pytest.mark.parametrize("text", ["connect custom", "tools My favourite Notes", "test https://mcp.example.com/mcp", ""])
def test_plain_words_are_no_secret(text: str) -> None:
    assert not looks_secret(text)


# --- the manifest
@pytest.fixture
def registry(app: AsyncApp, client: AsyncWebClient) -> Registry:
    return hang_all(Registry(app, BackgroundTasks()), Nothing(), client)  # type: ignore[arg-type]


def test_commands_and_shortcuts_of_the_manifest_are_those_of_the_code(registry: Registry) -> None:
    features = MANIFEST["features"]
    assert {each["command"] for each in features["slash_commands"]} == registry.commands
    assert {each["callback_id"] for each in features["shortcuts"]} == registry.shortcuts


def test_events_of_the_manifest_are_those_of_the_code(registry: Registry) -> None:
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == registry.events
    for each in registry.of_organisations:
        assert f"# - {each}\n" in (ROOT / "manifest.yml").read_text()


def test_scopes_of_the_manifest_are_what_the_code_needs(registry: Registry) -> None:
    needed = {"commands"} if registry.commands else set()
    for file in (ROOT / "bot" / "slack").rglob("*.py"):
        for method in CALLED.findall(file.read_text()):
            needed |= next(scopes for prefix, scopes in SCOPES.items() if method.startswith(prefix))
    for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]:
        needed |= HEARD.get(event, set())
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


async def test_what_only_waits_for_news_holds_up_no_end() -> None:
    tasks, over = BackgroundTasks(), asyncio.Event()
    watching = tasks.watch(asyncio.Event().wait(), "never")
    working = tasks.start(over.wait(), "soon")
    over.set()
    async with asyncio.timeout(60):
        assert await tasks.drain(60) == 0
    assert watching.cancelled() and working.result()
