"""Slack says "not now": 429, 5xx, a lost connection. Everything is told in the end, once, and nothing too often."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.slack.edge.calls.client import PacedClient, web_client
from bot.slack.replies import endings
from bot.slack.replies.chunks import markdown
from bot.slack.replies.stream import Stream
from bot.slack.replies.streamed_message import Ending
from playground.slack.server import LocalSlack
from storage.database import Database
from tests.support.gemini import Scripted
from tests.support.slack import DM, MANIFEST, OWNER, PATIENCE, TEAM, Usher, running_usher, said

FAILURES: dict[str, Any] = {
    "limited": lambda slack, method: slack.will_limit(method, retry_after=1),
    "a server error": lambda slack, method: slack.will_break(method),
    "a lost connection": lambda slack, method: slack.will_break(method, cut=True),
}


@pytest.fixture(params=FAILURES)
def fails(request: pytest.FixtureRequest, slack: LocalSlack) -> Any:
    return lambda method: FAILURES[request.param](slack, method)


async def test_the_home_tab_is_shown_all_the_same(usher: Usher, fails: Any) -> None:
    fails("views.publish")
    assert "Connect" in said(await usher.home())


async def test_a_question_and_its_outcome_are_shown_all_the_same(usher: Usher, notes: str, fails: Any) -> None:
    await usher.connect_notes(notes)
    fails("chat.postMessage")
    fails("chat.stopStream")
    usher.gemini.will_call(("notes__add_note", {"text": "tea"}), saying="One moment.")
    await usher.slack.person_says(OWNER, DM, "add a note: tea")
    question = await usher.message_with("May I?")
    fails("chat.update")
    usher.gemini.will_say("Added.")
    await usher.press(question, "approval.approve")
    await usher.message_with("Added.")
    closed = await usher.message_with("Approved by <@U0OWNER>")
    assert closed["ts"] == question["ts"] and "approval.approve" not in said(closed)
    assert not [each for each in usher.slack.messages(DM) if each["streaming"]]


async def test_a_message_that_slack_will_not_let_end_for_long_is_ended_by_a_job(usher: Usher) -> None:
    usher.slack.will_limit("chat.stopStream", times=5, retry_after=1)
    usher.gemini.will_say("All is said.")
    await usher.slack.person_says(OWNER, DM, "hi")
    await usher.message_with("All is said.")
    assert [len(each["parts"]) for each in usher.slack.messages(DM) if each["by_app"]] == [1]


async def test_buttons_that_could_not_be_taken_away_go_later(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "tea"}))
    await usher.slack.person_says(OWNER, DM, "add a note: tea")
    question = await usher.message_with("May I?")
    usher.slack.will_refuse("chat.update", "internal_error")
    usher.gemini.will_say("Not added.")
    await usher.press(question, "approval.deny")
    [closed] = await usher.slack.when(
        lambda: [each for each in usher.slack.messages(DM) if each["ts"] == question["ts"] and "Skipped" in said(each)],
        PATIENCE,
    )
    assert "approval.approve" not in said(closed)


async def test_an_answer_to_a_command_is_given_all_the_same(usher: Usher) -> None:
    usher.slack.will_limit("response_url", retry_after=1)
    usher.slack.will_break("response_url")
    await usher.slack.command(OWNER, DM, "/mcp list")
    await usher.message_with("Nothing is connected yet.")


async def test_a_form_is_not_waited_for_longer_than_its_trigger_lives(usher: Usher) -> None:
    usher.slack.will_limit("views.open", retry_after=1)
    await usher.slack.command(OWNER, DM, "/mcp connect custom")
    await usher.message_with("Something went wrong")
    assert len(usher.slack.of("views.open")) == 1


async def test_what_a_dead_process_left_unended_is_ended_by_the_next(
    slack: LocalSlack, client: PacedClient, sqlite_db: Database, gemini: Scripted
) -> None:
    thread = await slack.person_says(OWNER, DM, "hi")
    ts = (await client.chat_startStream(channel=DM, thread_ts=thread, chunks=[markdown("Half ")]))["ts"]
    async with running_usher(slack, client, sqlite_db, gemini) as usher:
        async with sqlite_db.begin() as tables:
            await tables.workspaces.ensure(TEAM)
        ending = Ending(DM, ts, "Half and half.", "active", [markdown("and half.")])
        await endings.later(usher.services.chats, TEAM)(ending)
        ended = await usher.message_with("and half.")
    assert ended["ts"] == ts


async def test_an_answer_whose_end_was_taken_but_not_acknowledged_stands_once(
    slack: LocalSlack, client: PacedClient
) -> None:
    thread = await slack.person_says(OWNER, DM, "hi")

    async def started(ts: str) -> None: ...

    streamed = Stream(client, {"channel": DM, "thread_ts": thread}, started)
    await streamed.append(markdown("One "))
    await streamed.append(markdown("two."))
    slack.will_break("chat.stopStream", cut=True, done=True)
    await streamed.stop()
    [answer] = [each for each in slack.messages(DM) if each["by_app"]]
    assert not answer["streaming"] and answer["text"] == "One two."


async def test_twenty_five_turns_in_a_minute_are_all_answered_within_slacks_limits(
    tmp_path: Any, sqlite_db: Database, gemini: Scripted
) -> None:
    async with (
        LocalSlack(tmp_path / "strict", manifest=MANIFEST, generosity=1.0) as slack,
        ClientSession() as session,
        running_usher(slack, web_client(slack.bot_token, session, slack.api_url), sqlite_db, gemini) as usher,
    ):
        for number in range(25):
            gemini.will_say(f"Answer {number}.")
            await slack.person_says(OWNER, DM, f"question {number}")
        await slack.when(lambda: str(slack.messages(DM)).count("Answer ") >= 25, PATIENCE * 2)
        assert len(slack.of("chat.startStream")) <= 20
        async with asyncio.timeout(PATIENCE):
            while others := usher.tasks._others():  # they end after the last answer was seen
                await asyncio.wait(others)
