"""`usher slack update`: an app that is there is brought up to its manifest; what is its owner's own stays."""

import copy
from typing import Any

import pytest
import yaml

from playground.slack.core.installed_app import installed
from tests.house.process import MANIFEST
from tests.house.slack_app.conftest import Clone

APP = "A0USHER"


@pytest.fixture
def older(clone: Clone) -> dict[str, Any]:
    """The app as somebody made it from an older manifest, and made it theirs."""
    old = copy.deepcopy(MANIFEST)
    old["display_information"]["name"] = "Concierge"
    old["features"]["bot_user"]["display_name"] = "Concierge"
    scopes = old["oauth_config"]["scopes"]["bot"]
    old["oauth_config"]["scopes"]["bot"] = [each for each in scopes if each != "files:write"] + ["reactions:write"]
    old["features"]["slash_commands"][0]["usage_hint"] = "list"
    del old["features"]["slash_commands"][1], old["features"]["shortcuts"][0]
    old["features"]["slash_commands"].append({"command": "/lunch", "description": "Where to eat"})
    old["settings"]["event_subscriptions"]["bot_events"].remove("user_change")
    old["features"]["app_home"]["home_tab_enabled"] = False
    clone.slack.configuration.is_there(old, frozenset(old["oauth_config"]["scopes"]["bot"]))
    clone.slack.workspace.install(installed(old))
    (clone.folder / ".env").write_text(f"SLACK_BOT_TOKEN={clone.slack.bot_token}\n")
    return old


async def test_what_changes_is_said_before_and_what_takes_a_reinstallation_after(clone: Clone, older: Any) -> None:
    ours = clone.slack.configuration

    code, told = await clone.types("update", ours.token, "y")

    assert code == 0, told
    for line in (
        "+ it asks for the scope files:write",
        "+ it hears of the event user_change",
        "+ it changes the command /mcp: its usage hint",
        "+ it adds the command /tempchat",
        "+ it adds the shortcut “Connect a tool”",
        "+ it turns on: the Home tab",
    ):
        assert line in told
    assert told.count("+ it") == 6, told
    assert "It keeps what it has beyond that: the scope reactions:write, the command /lunch." in told
    assert f"lacks: files:write.\n  Open https://api.slack.com/apps/{APP}/install-on-team" in told
    made = ours.apps[APP].manifest
    assert made["display_information"]["name"] == made["features"]["bot_user"]["display_name"] == "Concierge"
    assert [each["command"] for each in made["features"]["slash_commands"]] == ["/mcp", "/lunch", "/tempchat"]
    assert set(made["oauth_config"]["scopes"]["bot"]) == {*MANIFEST["oauth_config"]["scopes"]["bot"], "reactions:write"}

    code, told = await clone.types("update", ours.token)
    assert code == 0 and "is as its manifest says" in told and "lacks: files:write" in told
    ours.person_installs()
    code, told = await clone.types("update", ours.token)
    assert code == 0 and "lacks" not in told


async def test_a_dry_run_and_a_no_change_nothing(clone: Clone, older: Any) -> None:
    ours = clone.slack.configuration
    for words, answers, code in (("update --dry-run", [], 0), ("update", ["n"], 1), ("create --dry-run", [], 0)):
        ended, told = await clone.types(words, ours.token, *answers)
        assert ended == code and "Nothing was changed." in told and "+ it adds the command /tempchat" in told
    assert ours.apps[APP].manifest == older and not clone.slack.of("apps.manifest.update")


async def test_an_app_in_http_mode_keeps_its_addresses(clone: Clone, older: Any) -> None:
    at = "https://usher.test/slack/events"
    older["settings"]["socket_mode_enabled"] = False
    older["settings"]["event_subscriptions"]["request_url"] = at
    older["settings"]["interactivity"]["request_url"] = at
    for each in older["features"]["slash_commands"]:
        each["url"] = at

    code, told = await clone.types("update --yes", clone.slack.configuration.token)

    assert code == 0 and "Socket Mode" not in told
    made = clone.slack.configuration.apps[APP].manifest
    assert (
        made["settings"]["event_subscriptions"]["request_url"] == made["settings"]["interactivity"]["request_url"] == at
    )
    assert {each["command"]: each["url"] for each in made["features"]["slash_commands"]} == dict.fromkeys(
        ("/mcp", "/lunch", "/tempchat"), at
    )
    assert made["settings"]["socket_mode_enabled"] is False


async def test_what_slack_does_not_take_is_told_by_its_place(clone: Clone, older: Any) -> None:
    mine = copy.deepcopy(MANIFEST)
    mine["features"]["shortcuts"][0]["name"] = "A name that is far too long for a shortcut"
    clone.manifest = clone.folder / "manifest.yml"
    clone.manifest.write_text(yaml.safe_dump(mine))
    code, told = await clone.types("update --yes", clone.slack.configuration.token)
    assert code == 3 and "Slack does not take the manifest:\n  /features/shortcuts/" in told
    assert "/name: takes 1 to 24 characters" in told and "Nothing was changed." in told


async def test_slackbot_is_led_to_usher_when_that_is_asked_for_and_stays_so(clone: Clone, older: Any) -> None:
    ours = clone.slack.configuration
    code, told = await clone.types("update --slackbot", ours.token, "y")
    assert code == 2 and "set PUBLIC_BASE_URL" in told
    with (clone.folder / ".env").open("a") as env:
        env.write("PUBLIC_BASE_URL=https://usher.example.org\n")
    code, told = await clone.types("update --slackbot", ours.token, "y")
    assert code == 0 and "+ it gets its tools for Slackbot" in told and "mcp:connect" in told
    code, told = await clone.types("update", ours.token, "y")
    assert code == 0, told
    made = ours.apps[APP].manifest
    assert made["mcp_servers"] == {
        "usher": {"url": "https://usher.example.org/mcp", "auth_type": "slack_identity_auth"}
    }
    assert "mcp:connect" in made["oauth_config"]["scopes"]["bot"]


async def test_without_an_app_or_with_one_that_is_gone_the_cure_is_told(clone: Clone) -> None:
    code, told = await clone.types("update")
    assert code == 2 and "Which app?" in told
    code, told = await clone.types("update --app A0GONE", clone.slack.configuration.token)
    assert code == 3 and "opens no app A0GONE" in told and "usher slack create" in told


async def test_a_change_whose_answer_was_lost_is_found_done_by_the_next_run(clone: Clone, older: Any) -> None:
    clone.slack.will_break("apps.manifest.update", cut=True, done=True)
    code, told = await clone.types("update --yes", clone.slack.configuration.token)
    assert code == 3 and "It may be changed" in told
    code, told = await clone.types("update --yes", clone.slack.configuration.token)
    assert code == 0 and "is as its manifest says" in told and len(clone.slack.of("apps.manifest.update")) == 1


async def test_slack_that_cannot_be_reached_is_told(clone: Clone, older: Any) -> None:
    clone.patch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    code, told = await clone.types("update --app A0USHER", clone.slack.configuration.token)
    assert code == 2 and "could not be reached at http://127.0.0.1:9/api/" in told
