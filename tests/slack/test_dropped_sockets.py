"""The socket goes without a word: before a message is stored, before it is acknowledged, behind that, in an answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.services.chats import Chats
from bot.slack.acts import home
from bot.slack.edge import socket_mode
from playground.gemini import Break, Reply, text
from tests.slack.test_none_of_it_shows import open_question
from tests.slack.test_reordered import with_words
from tests.support.slack import DM, OWNER, PATIENCE, Usher


@pytest.fixture
async def watched(usher: Usher, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Usher]:
    """A connection that is down is made anew, as in the product, but at once."""
    monkeypatch.setattr(socket_mode, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(socket_mode, "DOWN_FOR", 0.0)
    watching = asyncio.create_task(usher.door.watch())
    yield usher
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def drop(usher: Usher) -> None:
    """Without a close frame; returns when there is another."""
    sockets = usher.slack.workspace.sockets
    gone = list(sockets.open)
    for each in gone:
        assert each._req is not None and each._req.transport is not None
        each._req.transport.abort()
    await usher.slack.when(lambda: sockets.open and not set(sockets.open) & set(gone), PATIENCE)


class Gate:
    """Holds a method of the product before or behind what it does, the first time."""

    def __init__(self, patch: pytest.MonkeyPatch, whose: Any, name: str, *, before: bool) -> None:
        self.reached, self.free, usual = asyncio.Event(), asyncio.Event(), getattr(whose, name)

        async def held(*given: Any, **named: Any) -> Any:
            done = None if before else await usual(*given, **named)
            self.reached.set()
            await self.free.wait()
            return await usual(*given, **named) if before else done

        patch.setattr(whose, name, held)


@pytest.mark.parametrize("before", [True, False])
async def test_a_message_that_was_read_and_not_acknowledged_is_answered_once(
    watched: Usher, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    gate = Gate(monkeypatch, Chats, "say", before=before)
    watched.gemini.will_say("Once.")
    saying = asyncio.create_task(watched.slack.person_says(OWNER, DM, "hello"))
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    await drop(watched)
    gate.free.set()
    await saying
    await watched.message_with("Once.")
    await watched.slack.when(lambda: not watched.slack.unheard, PATIENCE)
    assert len(with_words(watched, DM, "Once.")) == 1 == len(watched.gemini.asked)


async def test_what_was_acknowledged_is_done_although_its_socket_is_gone(
    watched: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, home, "_remember", before=True)
    await watched.slack.open_home(OWNER)
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    await watched.slack.when(lambda: not watched.slack.unheard, PATIENCE)
    await drop(watched)
    gate.free.set()
    await watched.slack.when(lambda: watched.slack.snapshot(OWNER)["home"], PATIENCE)


async def test_a_click_whose_acknowledgement_was_lost_decides_once_also_when_it_is_made_again(
    watched: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.connect_notes(notes)
    watched.gemini.will_call(("notes__add_note", {"text": "tea"}))
    watched.gemini.will_say("Added.")
    await watched.slack.person_says(OWNER, DM, "add a note: tea")
    question = await watched.slack.when(lambda: open_question(watched.slack), PATIENCE)
    gate = Gate(monkeypatch, type(watched.services.chats.deciding), "decide", before=False)
    pressing = asyncio.create_task(watched.press(question, "approval.approve"))
    await asyncio.wait_for(gate.reached.wait(), PATIENCE)
    await drop(watched)
    await asyncio.gather(pressing, return_exceptions=True)
    gate.free.set()
    if open_question(watched.slack):
        await watched.press(question, "approval.approve")
    await watched.message_with("Added.")
    await watched.slack.when(lambda: open_question(watched.slack) is None, PATIENCE)
    assert len(with_words(watched, DM, "Approved by")) == 1 and len(watched.gemini.asked) == 2


async def test_an_answer_goes_on_while_there_is_no_socket_and_what_is_said_meanwhile_follows(watched: Usher) -> None:
    watched.gemini.script(Reply([[text("A long story")], Break.HOLD]))
    ts = await watched.slack.person_says(OWNER, DM, "tell me a story")
    await watched.slack.when(lambda: with_words(watched, DM, "A long story"), PATIENCE)
    await drop(watched)
    await watched.slack.person_says(OWNER, DM, "stop", ts)
    await watched.message_with("Stopped.")
    watched.gemini.will_say("Once upon a time.")
    await watched.slack.person_says(OWNER, DM, "a short one", ts)
    await drop(watched)
    await watched.message_with("Once upon a time.")
    assert len(with_words(watched, DM, "A long story")) == 1 == len(with_words(watched, DM, "Once upon a time."))
    assert len(watched.gemini.asked) == 2
