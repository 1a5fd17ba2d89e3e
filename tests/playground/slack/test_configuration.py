"""Apps made from manifests: the local Slack refuses what the real one refuses, with its codes."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.core.clock import Clock
from playground.slack.core.manifest_rules import complaints
from playground.slack.server import LocalSlack
from playground.slack.web_api.configuration import LIVES
from tests.house.process import MANIFEST
from tests.playground.slack.conftest import DM, OWNER, refusal

APP = "A0USHER"


@pytest.fixture
async def empty(tmp_path: Path, clock: Clock) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(tmp_path / "empty", clock=clock, app_is_made=False) as running:
        yield running


def holder(slack: LocalSlack, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(token=slack.configuration.token if token is None else token, base_url=slack.api_url)


async def test_an_app_is_made_installed_changed_and_read_again(empty: LocalSlack) -> None:
    client, bot = holder(empty), AsyncWebClient(token=empty.bot_token, base_url=empty.api_url)
    assert (await client.auth_test())["user_id"] == OWNER
    made = await client.apps_manifest_create(manifest=MANIFEST)
    assert made["app_id"] == APP and set(made["credentials"]) >= {"client_id", "client_secret", "signing_secret"}
    assert await refusal(bot.auth_test()) == "invalid_auth"
    scopes = MANIFEST["oauth_config"]["scopes"]["bot"]
    less = copy.deepcopy(MANIFEST)
    less["oauth_config"]["scopes"]["bot"] = [each for each in scopes if each != "files:write"]
    assert (await client.apps_manifest_update(app_id=APP, manifest=less))["permissions_updated"]
    asked = {"app_id": APP, "bot_scopes": less["oauth_config"]["scopes"]["bot"]}
    installed = await client.api_call("apps.developerInstall", json=asked)
    assert installed["api_access_tokens"] == {"bot": empty.bot_token, "app_level": empty.app_token, "user": ""}
    await client.apps_manifest_update(app_id=APP, manifest=MANIFEST)
    assert (await client.apps_manifest_export(app_id=APP))["manifest"] == MANIFEST
    granted = (await bot.auth_test()).headers["X-OAuth-Scopes"].split(",")
    assert set(scopes) - set(granted) == {"files:write"}, "new scopes take a reinstallation"
    assert empty.configuration.person_installs() == empty.bot_token
    assert set((await bot.auth_test()).headers["X-OAuth-Scopes"].split(",")) == set(scopes)
    await bot.chat_postMessage(channel=OWNER, text="here")
    assert empty.messages(DM)[-1]["text"] == "here"


async def test_configuration_tokens_live_for_twelve_hours_and_are_told_apart(empty: LocalSlack, clock: Clock) -> None:
    ours, client = empty.configuration, holder(empty)
    for token, code in (
        ("", "not_authed"),
        ("xoxe.xoxp-1-a", "invalid_auth"),
        (empty.bot_token, "not_allowed_token_type"),
    ):
        assert await refusal(holder(empty, token).apps_manifest_export(app_id=APP)) == code
    assert await refusal(client.apps_manifest_export(app_id=APP)) == "app_not_found"
    assert await refusal(client.apps_manifest_export(app_id="usher")) == "invalid_app_id"
    clock.forward(LIVES)
    assert await refusal(client.apps_manifest_export(app_id=APP)) == "token_expired"
    spent = ours.refresh_token
    renewed = await client.tooling_tokens_rotate(refresh_token=spent)
    assert renewed["token"] == ours.token and renewed["exp"] - renewed["iat"] == LIVES and renewed["user_id"] == OWNER
    assert await refusal(client.tooling_tokens_rotate(refresh_token=spent)) == "invalid_refresh_token"
    assert await refusal(holder(empty).apps_manifest_export(app_id=APP)) == "app_not_found"


def changed(*path: str | int, value: Any = None) -> dict[str, Any]:
    """The manifest with another value there; None: without what is there."""
    manifest = copy.deepcopy(MANIFEST)
    place: Any = manifest
    for each in path[:-1]:
        place = place[each]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return manifest


@pytest.mark.parametrize(
    ("manifest", "pointer", "message"),
    [
        (changed("display_information"), "/", "missing required field: display_information"),
        (changed("display_information", "name", value="x" * 36), "/display_information/name", "1 to 35"),
        (changed("colour", value="red"), "/", "no such property colour"),
        (
            changed("features", "slash_commands", 0, "command", value="mcp"),
            "/features/slash_commands/0/command",
            "match",
        ),
        (changed("features", "shortcuts", value=[]), "/features/shortcuts", "1 to 10 items"),
        (changed("features", "bot_user", "always_online", value="yes"), "/features/bot_user/always_online", "boolean"),
        (changed("features", "bot_user"), "/features/bot_user", "require a bot user"),
        (
            changed("oauth_config", "scopes", "bot", value=["chat:write"]),
            "/oauth_config/scopes/bot",
            "app_mentions:read",
        ),
        (changed("settings", "socket_mode_enabled"), "/settings/event_subscriptions", "Request URL or Socket Mode"),
    ],
)
def test_a_manifest_that_slack_does_not_take_is_refused_by_pointer(manifest: Any, pointer: str, message: str) -> None:
    told = complaints(manifest)
    assert any(each["pointer"] == pointer and message in each["message"] for each in told), told
    assert complaints(MANIFEST) == []
