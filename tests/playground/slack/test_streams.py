"""Streamed messages live and die as Slack's do."""

import pytest
from slack_sdk.errors import SlackApiError

from tests.playground.slack.conftest import DM, GENERAL, MEMBER, OWNER, refusal


def text(words: str) -> dict:
    return {"type": "markdown_text", "text": words}


def task(**more) -> dict:
    return {"type": "task_update", "id": "1", "title": "Look up", "status": "in_progress", **more}


@pytest.fixture
async def root(slack) -> str:
    return await slack.person_says(OWNER, DM, "hello")


async def started(client, root: str, *chunks: dict) -> str:
    return (await client.chat_startStream(channel=DM, thread_ts=root, chunks=chunks or None))["ts"]


async def test_a_stream_is_drawn_part_by_part(slack, client, root):
    ts = await started(client, root, text("One "), task(details="a"))
    await client.chat_appendStream(channel=DM, ts=ts, chunks=[task(status="complete", details="b", output="12:00")])
    await client.chat_appendStream(channel=DM, ts=ts, chunks=[text("two "), text("three"), task(title="Looked up")])
    drawn = slack.messages(DM)[-1]
    assert drawn["streaming"] and drawn["stoppable"] and drawn["thread_ts"] == root
    [one, found, three] = drawn["parts"]
    assert (one["text"], three["text"]) == ("One ", "two three")
    # Title and status are replaced, details and output added to.
    assert (found["title"], found["status"], found["details"], found["output"]) == (
        "Looked up",
        "in_progress",
        "ab",
        "12:00",
    )
    await client.chat_stopStream(channel=DM, ts=ts, blocks=[{"type": "divider"}])
    drawn = slack.messages(DM)[-1]
    assert not drawn["streaming"] and drawn["blocks"][0]["type"] == "divider"
    assert drawn["text"] == "One two three"


async def test_a_message_being_streamed_is_not_edited_and_dies_of_age(slack, client, clock, root):
    ts = await started(client, root, text("a"))
    assert await refusal(client.chat_update(channel=DM, ts=ts, text="b")) == "streaming_state_conflict"
    clock.forward(301)
    late = client.chat_appendStream(channel=DM, ts=ts, chunks=[text("b")])
    assert await refusal(late) == "message_not_in_streaming_state"
    assert await refusal(client.chat_stopStream(channel=DM, ts=ts)) == "message_not_in_streaming_state"
    assert slack.messages(DM)[-1]["broken"]
    assert (await client.chat_update(channel=DM, ts=ts, text="b"))["ok"]
    assert not slack.messages(DM)[-1]["broken"] and slack.messages(DM)[-1]["parts"] is None


async def test_a_stream_takes_text_or_chunks_and_never_changes_between_them(client, root):
    both = client.chat_startStream(channel=DM, thread_ts=root, markdown_text="a", chunks=[text("a")])
    assert await refusal(both) == "cannot_provide_both_markdown_text_and_chunks"
    ts = await started(client, root, text("a"))
    other = client.chat_appendStream(channel=DM, ts=ts, markdown_text="b")
    assert await refusal(other) == "streaming_mode_mismatch"
    assert await refusal(client.api_call("chat.appendStream", json={"channel": DM, "ts": ts})) == "no_text"


async def test_a_stream_holds_so_much_and_no_more(client, root):
    ts = await started(client, root, text("a" * 10_999))
    assert await refusal(client.chat_appendStream(channel=DM, ts=ts, chunks=[text("é")])) == "msg_too_long"
    assert (await client.chat_stopStream(channel=DM, ts=ts, chunks=[text("b")]))["ok"]


@pytest.mark.parametrize(
    "chunk",
    [task(status="done"), task(title=""), task(output="x" * 257), {"type": "nope"}, task(sources=[{"type": "url"}])],
    ids=["unknown status", "no title", "long output", "unknown type", "a source without a url"],
)
async def test_a_piece_that_slack_cannot_draw_is_refused_by_name(client, root, chunk):
    ts = await started(client, root)
    with pytest.raises(SlackApiError) as raised:
        await client.api_call("chat.appendStream", json={"channel": DM, "ts": ts, "chunks": [text("a"), chunk]})
    assert raised.value.response["error"] == "invalid_chunks"
    assert "/chunks/1" in raised.value.response["response_metadata"]["messages"][0]


async def test_in_a_channel_only_the_one_it_is_for_sees_it_live(slack, client):
    root = await slack.person_says(OWNER, GENERAL, "@Usher hello")
    place = {"channel": GENERAL, "thread_ts": root, "recipient_user_id": OWNER}
    assert await refusal(client.chat_startStream(**place, chunks=[text("a")])) == "missing_recipient_team_id"
    ts = (await client.chat_startStream(**place, recipient_team_id="T0LOCAL", chunks=[text("a")]))["ts"]
    await client.chat_appendStream(channel=GENERAL, ts=ts, chunks=[text("b")])
    seen = {person: slack.messages(GENERAL, person)[-1]["parts"][0]["text"] for person in (OWNER, MEMBER)}
    assert seen == {OWNER: "ab", MEMBER: "a"}
    await client.chat_stopStream(channel=GENERAL, ts=ts)
    assert slack.messages(GENERAL, MEMBER)[-1]["parts"][0]["text"] == "ab"


async def test_the_stop_button_ends_a_stream_at_once_and_the_app_is_told(slack, app, client, connected, root):
    told = []

    @app.event("message")
    async def nothing():
        pass

    @app.event("agent_session_stopped")
    async def stopped(event):
        told.append(event)

    async with connected:
        ts = await started(client, root, text("a"))
        await slack.stop_stream(OWNER, DM, ts)
        late = client.chat_appendStream(channel=DM, ts=ts, chunks=[text("b")])
        assert await refusal(late) == "stopped_by_user"
        assert slack.messages(DM)[-1]["stopped"]
        await slack.when(lambda: told)
        await slack.when(lambda: not slack.unheard)
    assert told[0]["streaming_message_ts"] == [ts] and told[0]["thread_ts"] == root
