"""The Web API refuses what the real one refuses, as the SDK sees it."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server import LocalSlack
from tests.playground.slack.conftest import DM, GENERAL, MEMBER, OWNER, home, modal, plain, refusal, section


async def test_each_kind_of_token_opens_its_own_doors(slack, client):
    assert (await client.auth_test())["user_id"] == "U0USHER"
    errors = {"": "not_authed", "xoxb-stranger": "invalid_auth", slack.app_token: "not_allowed_token_type"}
    for token, error in errors.items():
        assert await refusal(AsyncWebClient(token=token, base_url=slack.api_url).auth_test()) == error
    assert await refusal(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"


async def test_the_tokens_of_one_workspace_open_no_other(slack, tmp_path):
    async with LocalSlack(tmp_path / "other", secret="-of-another") as other:
        assert other.bot_token.startswith("xoxb-") and other.app_token.startswith("xapp-")
        for token in (slack.bot_token, "xoxb-é"):
            assert await refusal(AsyncWebClient(token=token, base_url=other.api_url).auth_test()) == "invalid_auth"
        assert (await AsyncWebClient(token=other.bot_token, base_url=other.api_url).auth_test())["ok"]


async def test_arguments_in_the_query_of_a_get_or_a_post_are_read(client):
    assert (await client.users_info(user=OWNER))["user"]["is_admin"]
    assert not (await client.users_info(user=MEMBER))["user"]["is_admin"]
    assert (await client.api_call("users.info", http_verb="GET", params={"user": OWNER}))["ok"]
    assert await refusal(client.users_info(user="U9")) == "user_not_found"


async def test_unknown_methods_and_missing_arguments_are_refused_and_remembered(slack, client):
    assert await refusal(client.api_call("next.id")) == "unknown_method"
    assert await refusal(client.api_call("chat.update", json={"channel": DM})) == "invalid_arguments"
    assert [error for _, error, _ in slack.refusals] == ["unknown_method", "invalid_arguments"]
    assert slack.calls[-1] == ("chat.update", {"channel": DM})


async def test_too_many_calls_of_a_method_are_limited_until_a_minute_is_over(tmp_path, clock):
    async with LocalSlack(tmp_path, clock=clock, generosity=0.1) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        for _ in range(2):
            await client.conversations_list()
        with pytest.raises(SlackApiError) as raised:
            await client.conversations_list()
        assert raised.value.response.status_code == 429
        assert raised.value.response.headers["Retry-After"] == "60"
        clock.forward(61)
        await client.conversations_list()


async def test_a_test_may_let_calls_fail(slack, client):
    slack.will_limit("chat.postMessage", retry_after=0)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await client.chat_postMessage(channel=DM, text="x"))["ok"]
    slack.will_refuse("chat.postMessage", "fatal_error")
    assert await refusal(client.chat_postMessage(channel=DM, text="x")) == "fatal_error"


async def test_nobody_but_this_computer_and_its_own_page_is_answered(slack):
    async with aiohttp.ClientSession() as browser:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            async with browser.post(f"{slack.api_url}auth.test", headers=headers) as answer:
                assert answer.status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_picture_or_link_on_another_site_calls_no_method(slack, site):
    """A browser sends no Origin with these, and the token is the same in every playground."""
    told = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    sent = {"token": slack.bot_token, "channel": GENERAL, "text": "from elsewhere"}
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(f"{slack.api_url}chat.postMessage", params=sent, headers=told) as answer,
    ):
        assert answer.status == 403
    assert not slack.of("chat.postMessage")


# --- messages
async def test_a_message_needs_content_that_slack_can_draw(client):
    assert await refusal(client.api_call("chat.postMessage", json={"channel": DM})) == "no_text"
    bad = client.chat_postMessage(channel=DM, text="x", blocks=[section("x" * 3001)])
    with pytest.raises(SlackApiError) as raised:
        await bad
    assert raised.value.response["error"] == "invalid_blocks"
    assert "/blocks/0/text" in raised.value.response["response_metadata"]["messages"][0]
    both = client.chat_postMessage(channel=DM, text="x", markdown_text="y")
    assert await refusal(both) == "markdown_text_conflict"
    assert await refusal(client.chat_postMessage(channel="C9", text="x")) == "channel_not_found"
    assert await refusal(client.chat_postMessage(channel=DM, text="x", thread_ts="1.1")) == "thread_not_found"


async def test_an_ephemeral_message_is_for_one_person_and_cannot_be_updated(slack, client):
    ts = (await client.chat_postEphemeral(channel=GENERAL, user=MEMBER, text="psst"))["message_ts"]
    assert [m["ts"] for m in slack.messages(GENERAL, MEMBER)] == [ts]
    assert slack.messages(GENERAL, OWNER) == []
    assert await refusal(client.chat_update(channel=GENERAL, ts=ts, text="hm")) == "message_not_found"
    assert await refusal(client.chat_postEphemeral(channel=DM, user=MEMBER, text="x")) == "user_not_in_channel"


async def test_new_text_without_blocks_removes_the_blocks(slack, client):
    ts = (await client.chat_postMessage(channel=DM, text="a", blocks=[{"type": "divider"}]))["ts"]
    await client.chat_update(channel=DM, ts=ts, text="b")
    assert (slack.messages(DM)[0]["text"], slack.messages(DM)[0]["blocks"]) == ("b", None)
    assert await refusal(client.chat_update(channel=DM, ts=ts, text="x" * 4001)) == "msg_too_long"


async def test_an_app_changes_its_own_messages_only(slack, client):
    ts = await slack.person_says(OWNER, DM, "mine")
    assert await refusal(client.chat_update(channel=DM, ts=ts, text="yours")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=DM, ts=ts)) == "cant_delete_message"


async def test_a_thread_is_read_back_in_order(slack, client):
    root = await slack.person_says(OWNER, GENERAL, "root")
    reply = (await client.chat_postMessage(channel=GENERAL, thread_ts=root, text="reply"))["ts"]
    replies = await client.conversations_replies(channel=GENERAL, ts=root)
    assert [m["ts"] for m in replies["messages"]] == [root, reply]
    assert replies["messages"][0]["reply_count"] == 1
    assert [m["ts"] for m in (await client.conversations_history(channel=GENERAL))["messages"]] == [root]
    await client.chat_delete(channel=GENERAL, ts=reply)
    assert slack.messages(GENERAL)[0]["reply_count"] == 0


# --- triggers and views
async def test_a_trigger_works_once_and_for_three_seconds(slack, client, clock):
    trigger = slack.workspace.triggers.new(OWNER)
    await client.views_open(trigger_id=trigger, view=modal())
    assert await refusal(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    late = slack.workspace.triggers.new(OWNER)
    clock.forward(3.1)
    assert await refusal(client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"
    assert await refusal(client.views_open(trigger_id="made.up", view=modal())) == "invalid_trigger_id"


async def test_a_bad_view_names_what_is_wrong_and_costs_no_trigger(slack, client):
    trigger = slack.workspace.triggers.new(OWNER)
    with pytest.raises(SlackApiError) as raised:
        await client.views_open(trigger_id=trigger, view=modal(title=plain("x" * 25)))
    assert raised.value.response["error"] == "invalid_arguments"
    assert any(message.startswith("/title") for message in raised.value.response["response_metadata"]["messages"])
    await client.views_open(trigger_id=trigger, view=modal())


async def test_an_update_needs_an_open_view_and_the_newest_hash(slack, client):
    view = (await client.views_open(trigger_id=slack.workspace.triggers.new(OWNER), view=modal()))["view"]
    await client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert await refusal(client.views_update(view_id=view["id"], hash=view["hash"], view=modal())) == "hash_conflict"
    await slack.close_view(OWNER, view["id"])
    assert await refusal(client.views_update(view_id=view["id"], view=modal())) == "not_found"


async def test_no_more_than_three_modals_lie_on_each_other(slack, client):
    await client.views_open(trigger_id=slack.workspace.triggers.new(OWNER), view=modal())
    for _ in range(2):
        await client.views_push(trigger_id=slack.workspace.triggers.new(OWNER), view=modal())
    fourth = client.views_push(trigger_id=slack.workspace.triggers.new(OWNER), view=modal())
    assert await refusal(fourth) == "push_limit_reached"
    assert len(slack.snapshot(OWNER)["modals"]) == 3
    assert slack.snapshot(MEMBER)["modals"] == []


async def test_each_person_has_a_home(slack, client):
    view = (await client.views_publish(user_id=OWNER, view=home()))["view"]
    assert slack.snapshot(OWNER)["home"]["view_id"] == view["id"]
    assert slack.snapshot(MEMBER)["home"] is None
    assert await refusal(client.views_publish(user_id=OWNER, view=home(), hash="old")) == "hash_conflict"
    assert await refusal(client.views_publish(user_id=OWNER, view=modal())) == "invalid_arguments"
