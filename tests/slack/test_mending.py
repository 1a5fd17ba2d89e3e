"""What a process that died has left in Slack is mended: the person sees one answer."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Delta, Told
from bot.services.chats.values import Lost
from bot.slack.replies import stream
from bot.slack.replies.chunks import fitting, markdown, posts
from bot.slack.replies.refusals import CannotStream
from bot.slack.replies.rendering import SlackRendering
from bot.slack.replies.stream import Stream
from bot.slack.screens.blocks.cut_places import open_fence
from playground.slack.server import LocalSlack
from storage.tables import Conversation, Event, Turn
from tests.support.clock import Clock
from tests.support.slack import DM, OWNER, TEAM, said


class Shown:
    """Stands in for the service that keeps what a face has put up."""

    def __init__(self) -> None:
        self.kept: list[list[str]] = []

    async def shown(self, turn: Turn, **values: list[str]) -> bool:
        turn.shown = {**turn.shown, **values}
        self.kept.append(list(values["messages"]))
        return True


def conversation(thread: str) -> Conversation:
    place = {"channel": DM, "thread_ts": thread, "team": TEAM, "private": True}
    return Conversation(id="c", workspace_id=TEAM, member_id=OWNER, registry="slack", key="k", place=place)


async def telling(*told: Told) -> AsyncIterator[Told]:
    for each in told:
        yield each


async def dying(*told: Told) -> AsyncIterator[Told]:
    for each in told:
        yield each
    raise ConnectionError("the process is gone")


def final(text: str) -> Event:
    return Event(kind="message", body={"author": "agent", "name": "", "text": text, "turn": "t"})


async def test_a_turn_told_again_takes_away_the_half_answer(slack: LocalSlack, client: AsyncWebClient) -> None:
    thread = await slack.person_says(OWNER, DM, "hi")
    turn, shown = Turn(id="t", shown={}, attempts=1), Shown()
    face = SlackRendering(client, shown)  # type: ignore[arg-type]
    with pytest.raises(ConnectionError):
        await face(turn, conversation(thread), dying(Delta("t", "Half an ans")))
    assert len(shown.kept[-1]) == 1

    await face(turn, conversation(thread), telling(final("A whole answer.")))
    answers = [each for each in slack.messages(DM) if each["by_app"]]
    assert [[part["text"] for part in each["parts"]] for each in answers] == [["A whole answer."]]
    assert not answers[0]["streaming"]


async def test_what_cannot_be_deleted_says_that_the_answer_is_below(slack: LocalSlack, client: AsyncWebClient) -> None:
    thread = await slack.person_says(OWNER, DM, "hi")
    turn = Turn(id="t", shown={}, attempts=1)
    face = SlackRendering(client, Shown())  # type: ignore[arg-type]
    await face(turn, conversation(thread), telling(final("Once.")))
    slack.will_refuse("chat.delete", "cant_delete_message", times=2)
    await face(turn, conversation(thread), telling(final("Once.")))
    first, second = [each for each in slack.messages(DM) if each["by_app"]]
    assert "starts again below" in said(first) and "Once." not in said(first)
    assert "Once." in said(second)


async def test_what_was_streamed_is_not_said_again_by_the_final_text(slack: LocalSlack, client: AsyncWebClient) -> None:
    thread = await slack.person_says(OWNER, DM, "hi")
    face = SlackRendering(client, Shown())  # type: ignore[arg-type]
    told = telling(Delta("t", "One "), Delta("t", "two", 4), final("One two three!"))
    await face(Turn(id="t", shown={}, attempts=1), conversation(thread), told)
    [answer] = [each for each in slack.messages(DM) if each["by_app"]]
    assert [part["text"] for part in answer["parts"]] == ["One two three!"]


@pytest.fixture
async def thread(slack: LocalSlack) -> str:
    return await slack.person_says(OWNER, DM, "hi")


async def started(ts: str) -> None: ...


def reply(client: AsyncWebClient, thread: str, clock: Clock) -> Stream:
    return Stream(client, {"channel": DM, "thread_ts": thread}, started, clock)


def texts(slack: LocalSlack) -> list[str]:
    return [
        "".join(part.get("text", "") for part in each["parts"] or []) for each in slack.messages(DM) if each["by_app"]
    ]


async def test_an_old_message_is_continued_in_another_with_its_code_block(
    slack: LocalSlack, client: AsyncWebClient, thread: str
) -> None:
    clock = Clock(1_000.0)
    streamed = reply(client, thread, clock)
    await streamed.append(markdown("Look:\n```python\nfirst()\n"))
    clock.now += stream.MAX_AGE
    await streamed.append(markdown("second()\n```\ndone"))
    await streamed.stop()
    assert texts(slack) == ["Look:\n```python\nfirst()\n```", "```python\nsecond()\n```\ndone"]


async def test_a_long_answer_is_spread_over_messages_cut_between_words(
    slack: LocalSlack, client: AsyncWebClient, thread: str
) -> None:
    streamed, answer = reply(client, thread, Clock(1_000.0)), "".join(f"wört{number:06d} " for number in range(2_000))
    await streamed.append(markdown(answer))
    await streamed.stop()
    assert "".join(texts(slack)) == answer and len(texts(slack)) == 3
    assert slack.refusals == []


def test_a_whole_answer_is_cut_into_posts_that_slack_takes() -> None:
    answer = "word " * 5_000 + "x" * 20_000
    assert "".join(posts(answer)) == answer
    assert all(len(part.encode()) <= 11_000 for part in posts(answer))


def test_what_does_not_fit_waits_for_the_next_message() -> None:
    now, later, full = fitting([markdown("one two"), markdown("three")], 5, 100)
    assert [chunk["text"] for chunk in now] == ["one "]
    assert [chunk["text"] for chunk in later] == ["two", "three"] and full


def test_an_open_code_block_is_seen() -> None:
    assert open_fence("a\n```python\nb") == "```python"
    assert open_fence("a\n```python\nb\n```\nc") == ""


@pytest.mark.parametrize("trouble", [RuntimeError, TimeoutError])
async def test_nothing_is_said_in_a_message_that_could_not_be_noted(
    slack: LocalSlack, client: AsyncWebClient, thread: str, trouble: type[Exception]
) -> None:
    """Or nobody would find it who tells the same once more."""
    noted, clock = list[str](), Clock(1_000.0)

    async def note(ts: str) -> None:
        noted.append(ts)
        if len(noted) == 1:
            raise trouble("the database is away")

    streamed = Stream(client, {"channel": DM, "thread_ts": thread}, note, clock)
    with suppress(RuntimeError):
        await streamed.append(markdown("Hello "))
    clock.now += stream.PAUSE
    await streamed.append(markdown("there."))
    await streamed.stop()
    [answer] = [each for each in slack.messages(DM) if each["by_app"]]
    assert answer["ts"] == noted[-1] != noted[0]
    assert [part["text"] for part in answer["parts"]] == ["Hello there."]


async def test_who_has_lost_the_turn_says_no_more_of_it(slack: LocalSlack, client: AsyncWebClient, thread: str) -> None:
    class Anothers(Shown):
        async def shown(self, turn: Turn, **values: list[str]) -> bool:
            return False

    face = SlackRendering(client, Anothers())  # type: ignore[arg-type]
    for told in (telling(Delta("t", "Hello there.\n\n")), telling(final("Hello there."))):
        with pytest.raises(Lost):
            await face(Turn(id="t", shown={}, attempts=1), conversation(thread), told)
    slack.will_refuse("chat.startStream", "not_in_channel", 3)  # it is posted instead
    with pytest.raises(Lost):
        await face(Turn(id="t", shown={}, attempts=1), conversation(thread), telling(final("Hello there.")))
    assert not [each for each in slack.messages(DM) if each["by_app"]]


async def test_what_was_to_stand_in_a_message_that_is_gone_is_said_in_another_way(
    slack: LocalSlack, client: AsyncWebClient, thread: str
) -> None:
    """Another turn of the thread took it for what a dead process had left: it was empty, and not noted yet."""
    streamed = reply(client, thread, Clock(1_000.0))
    await streamed.begin()
    slack.will_limit("chat.appendStream", retry_after=5)
    await streamed.append(markdown("That failed.\n\n"))
    [empty] = [each for each in slack.messages(DM) if each["by_app"]]
    await client.chat_stopStream(channel=DM, ts=empty["ts"])
    await client.chat_delete(channel=DM, ts=empty["ts"])
    with pytest.raises(CannotStream):
        await streamed.stop()
    assert streamed.take_unsent() == "That failed.\n\n"
