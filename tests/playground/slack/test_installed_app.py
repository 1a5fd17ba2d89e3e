"""What an app may do follows from its manifest; and what it shows around its conversations."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.core.installed_app import installed
from playground.slack.core.people import Channel
from playground.slack.server import LocalSlack
from tests.playground.slack.conftest import DM, GENERAL, OWNER

MANIFEST = {
    "display_information": {"name": "Usher"},
    "features": {"slash_commands": [{"command": "/mcp", "description": "Tools"}], "app_home": {}},
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "im:history"]}},
    "settings": {"event_subscriptions": {"bot_events": ["message.im"]}},
}


async def test_the_apps_manifest_holds_its_scopes_commands_and_events(tmp_path):
    async with LocalSlack(tmp_path, manifest=MANIFEST) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        assert (await client.auth_test()).headers["X-OAuth-Scopes"] == "chat:write,commands,im:history"
        with pytest.raises(SlackApiError) as raised:
            await client.users_info(user=OWNER)
        assert raised.value.response["error"] == "missing_scope"
        assert raised.value.response["needed"] == "users:read"
        await slack.command(OWNER, GENERAL, "/nope")
        assert slack.messages(GENERAL)[-1]["text"].startswith("/nope is not a valid command")
        await slack.person_says(OWNER, GENERAL, "@Usher hello")
        assert slack.unheard == 0
        await slack.person_says(OWNER, DM, "hello")
        assert slack.unheard == 1
        assert slack.snapshot(OWNER)["app"]["commands"] == [
            {"command": "/mcp", "description": "Tools", "usage_hint": ""}
        ]


HEARD_IN = {"C0GENERAL": ("message.channels", "channels:history"), "C0SECRET": ("message.groups", "groups:history")}


@pytest.mark.parametrize("channel", HEARD_IN)
async def test_what_is_said_in_channels_is_sent_by_event_scope_and_membership(tmp_path, channel):
    event, scope = HEARD_IN[channel]
    scopes = ["chat:write", "commands", scope]
    manifest = {
        **MANIFEST,
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {"event_subscriptions": {"bot_events": [event]}},
    }
    for granted, is_in, heard in ((scopes, True, 1), (scopes[:2], True, 0), (scopes, False, 0)):
        async with LocalSlack(tmp_path / f"{granted}{is_in}", manifest=manifest, granted=granted) as slack:
            people = ["U0OWNER", "U0USHER"] if is_in else ["U0OWNER"]
            private = channel == "C0SECRET"
            slack.workspace.directory.channels[channel] = Channel(channel, "here", people, private=private)
            await slack.person_says(OWNER, channel, "hello")
            assert slack.unheard == heard
            kinds = [each.payload["event"]["channel_type"] for each in slack.workspace.outbox.pending.values()]
            assert kinds == (["group" if private else "channel"] if heard else [])


def test_a_manifest_that_lacks_a_scope_is_not_installed():
    with pytest.raises(ValueError, match="im:history"):
        installed({**MANIFEST, "oauth_config": {"scopes": {"bot": ["commands"]}}})


async def test_the_manifests_prompts_stand_in_a_dm_until_the_app_sets_others(tmp_path):
    prompts = [{"title": "Time", "message": "What time is it?"}]
    manifest = {**MANIFEST, "features": {"agent_view": {"suggested_prompts": prompts}}}
    async with LocalSlack(tmp_path, manifest=manifest) as slack:
        assert slack.snapshot(OWNER)["prompts"] == [{"channel": DM, "title": None, "prompts": prompts}]


async def test_a_status_is_gone_after_two_minutes_or_a_reply(slack, client, clock):
    root = await slack.person_says(OWNER, DM, "hello")
    for leave in (lambda: clock.forward(121), lambda: client.chat_postMessage(channel=DM, thread_ts=root, text="x")):
        await client.assistant_threads_setStatus(channel_id=DM, thread_ts=root, status="is thinking")
        assert [status["text"] for status in slack.snapshot(OWNER)["statuses"]] == ["is thinking"]
        if waiting := leave():
            await waiting
        assert slack.snapshot(OWNER)["statuses"] == []


async def test_suggested_prompts_in_a_thread_are_lost_without_an_error(slack, client):
    prompts = [{"title": "Time", "message": "What time is it?"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=DM, thread_ts="1.1", prompts=prompts)
    assert slack.snapshot(OWNER)["prompts"] == []
    await client.assistant_threads_setSuggestedPrompts(channel_id=DM, prompts=prompts)
    assert slack.snapshot(OWNER)["prompts"][0]["prompts"] == prompts
