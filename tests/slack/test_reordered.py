"""Slack keeps no order: events of one conversation come in each order, and none of it shows."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.chats import Chats
from bot.slack.listeners.hearing.second_thoughts import TOO_LATE
from playground.gemini import Reply, text
from storage.tables import Turn
from tests.slack.test_guest_threads import arrived, log_with
from tests.slack.test_none_of_it_shows import open_question
from tests.support.slack import DM, GENERAL, OWNER, PATIENCE, TEAM, Usher, said

CALLED = "<@U0USHER> "
Event = dict[str, Any]


@contextmanager
def kept_back(usher: Usher) -> Iterator[list[Event]]:
    """What Slack would send is collected instead."""
    events: list[Event] = []
    outbox = usher.slack.workspace.outbox
    usual = outbox.add
    outbox.add = lambda _, event, **__: events.append(event)  # type: ignore[method-assign, assignment]
    yield events
    outbox.add = usual  # type: ignore[method-assign]


async def come(usher: Usher, events: Sequence[Event], name: str) -> None:
    """One after another, each taken before the next; then all that was begun comes to its end."""
    here = {"type": "event_callback", "team_id": TEAM, "authorizations": [{"user_id": "U0USHER"}]}
    for number, event in enumerate(events):
        await usher.slack.workspace.sockets.deliver(
            "events_api", {**here, "event_id": f"{name}{number}", "event": event}
        )
    async with asyncio.timeout(PATIENCE):
        while not await over(usher):
            await asyncio.sleep(0.01)
    await usher.tasks.drain(5)


async def over(usher: Usher) -> bool:
    async with usher.services.db.read() as tables:
        return all(await tables.session.scalars(sa.select(Turn.told)))


def with_words(usher: Usher, channel: str, words: str) -> list[dict[str, Any]]:
    return [each for each in usher.slack.messages(channel) if words in said(each)]


def echo(body: dict[str, Any], _: object) -> Reply:
    asked = [part["text"] for part in body["contents"][-1]["parts"] if "text" in part]
    return Reply([[text(f"So much of {asked[-1].split()[-1]}.")]])


async def asked_of(usher: Usher, events: Sequence[Event], name: str) -> tuple[int, int]:
    """How often the model was asked about the old words and about the new ones."""
    before = len(usher.gemini.asked)
    await come(usher, events, name)
    bodies = [str(each.body["contents"][-1]) for each in usher.gemini.asked[before:]]
    return sum(f"apples{name}" in each for each in bodies), sum(f"berries{name}" in each for each in bodies)


@pytest.mark.parametrize(("channel", "call"), [(DM, ""), (GENERAL, CALLED)])
async def test_a_message_its_edit_and_its_deletion_come_in_each_order(usher: Usher, channel: str, call: str) -> None:
    usher.gemini.server.answering = echo
    for number, ways in enumerate(itertools.permutations(("said", "edited", "deleted"))):
        with kept_back(usher) as events:
            ts = await usher.slack.person_says(OWNER, channel, f"{call}apples{number}")
            first = len(events)
            await usher.slack.person_edits(OWNER, channel, ts, f"{call}berries{number}")
            second = len(events)
            await usher.slack.person_deletes(OWNER, channel, ts)
        named = {"said": events[:first], "edited": events[first:second], "deleted": events[second:]}
        assert all(named.values())
        before = [way for way in ways if way in ("said", "deleted")] == ["deleted", "said"]
        old, new = await asked_of(usher, [each for way in ways for each in named[way]], str(number))
        if before:
            assert (old, new) == (0, 0), ways
        else:
            assert old + new <= 1 and (not old or ways.index("said") < ways.index("edited")), ways
    assert not [each for each in usher.slack.messages(channel) if each["by_app"] and each["streaming"]]


@pytest.mark.parametrize(("channel", "call"), [(DM, ""), (GENERAL, CALLED)])
async def test_what_was_edited_before_it_came_is_answered_in_its_new_words_once(
    usher: Usher, channel: str, call: str
) -> None:
    usher.gemini.server.answering = echo
    with kept_back(usher) as events:
        ts = await usher.slack.person_says(OWNER, channel, f"{call}apples")
        first = len(events)
        await usher.slack.person_edits(OWNER, channel, ts, f"{call}plums")
        await usher.slack.person_edits(OWNER, channel, ts, f"{call}berries")
    assert await asked_of(usher, [*reversed(events[first:]), *events[:first], *events[:first]], "") == (0, 1)
    answer = await usher.message_with("So much of berries.", channel)
    assert answer["thread_ts"] == ts and TOO_LATE not in str(usher.slack.calls)
    assert len(with_words(usher, channel, "So much of")) == 1


async def test_a_mention_comes_as_two_events_in_either_order_and_two_messages_swapped(usher: Usher) -> None:
    usher.gemini.server.answering = echo
    for number, backwards in enumerate((False, True)):
        with kept_back(usher) as events:
            root = await usher.slack.person_says(OWNER, GENERAL, f"{CALLED}apples{number}")
            assert {each["type"] for each in events} == {"app_mention", "message"}
            twins = len(events)
            for word in ("pears", "plums"):
                await usher.slack.person_says(OWNER, GENERAL, f"{CALLED}{word}{number}", thread_ts=root)
        thread = events[twins:]
        swapped = [*thread[2:], *thread[:2]] if backwards else thread
        both = [*reversed(events[:twins]), *reversed(swapped)] if backwards else events[:twins]
        await come(usher, [*both, *swapped, *events], f"twins{number}")
        for word in ("apples", "pears", "plums"):
            assert len(with_words(usher, GENERAL, f"So much of {word}{number}.")) == 1, (word, backwards)


async def test_a_hosts_words_that_were_edited_or_deleted_before_they_came_reach_the_guest_as_they_are_now(
    usher: Usher,
) -> None:
    guest = await arrived(usher)
    root = await usher.message_with("opened your link")
    with kept_back(usher) as events:
        gone = await usher.slack.person_says(OWNER, DM, "Never mind this", thread_ts=root["ts"])
        await usher.slack.person_deletes(OWNER, DM, gone)
        changed = await usher.slack.person_says(OWNER, DM, "It ships on Mnday", thread_ts=root["ts"])
        await usher.slack.person_edits(OWNER, DM, changed, "It ships on Monday")
    await come(usher, list(reversed(events)), "host")
    log = str([each.body for each in await log_with(usher, guest, "It ships on Monday")])
    assert "Mnday" not in log and "Never mind" not in log


async def test_a_click_that_comes_before_slack_has_acknowledged_the_question_decides_it_once(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicked, usual = asyncio.Event(), Chats.asked_in

    async def asked_in(self: Chats, *told: Any) -> None:
        await clicked.wait()
        await usual(self, *told)

    monkeypatch.setattr(Chats, "asked_in", asked_in)
    await usher.connect_notes(notes)
    usher.gemini.will_call(("notes__add_note", {"text": "tea"}))
    usher.gemini.will_say("Added.")
    await usher.slack.person_says(OWNER, DM, "add a note: tea")
    question = await usher.slack.when(lambda: open_question(usher.slack), PATIENCE)
    pressing = asyncio.create_task(usher.press(question, "approval.approve"))
    await usher.slack.when(lambda: with_words(usher, DM, "Approved by"), PATIENCE)
    clicked.set()
    await pressing
    await usher.message_with("Added.")
    assert open_question(usher.slack) is None and len(with_words(usher, DM, "Approved by")) == 1
    assert len(usher.gemini.asked) == 2
