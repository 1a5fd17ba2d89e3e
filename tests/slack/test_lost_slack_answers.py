"""Slack does what it is asked and its answer is lost, of each call that writes: nothing is doubled, none orphaned."""

import pytest

from bot.slack.edge.calls import posting
from bot.slack.replies import stream
from tests.slack.test_none_of_it_shows import answered, asked, read
from tests.support.slack import DM, OWNER, Usher

WRITING = ("chat.startStream", "chat.appendStream", "chat.stopStream", "chat.postMessage", "chat.update")
LONG = tuple(f"{word} " * 60 for word in ("Alpha", "Bravo", "Charlie"))


@pytest.fixture(autouse=True)
def looked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LOOKED_AFTER", (0.0, 0.0, 0.0))
    monkeypatch.setattr(stream, "PAUSE", 0.0)


async def test_of_an_answer_with_a_question(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    for number, method in enumerate(WRITING, 1):
        usher.slack.will_break(method, cut=True, done=True)
        question = await asked(usher, number)
        usher.slack.will_break(method, 2, cut=True, done=True)
        await answered(usher, number, question)
    whole = read(usher.slack)
    words = [f"{said} {number}." for said in ("One moment", "Added") for number in range(1, len(WRITING) + 1)]
    assert {each: whole.count(each) for each in words} == dict.fromkeys(words, 1)
    assert whole.count("Approved by") == len(WRITING)


@pytest.mark.parametrize(("methods", "looked_up"), [(WRITING[:3], True), (WRITING[1:2], False)])
async def test_of_a_long_answer_piece_by_piece(usher: Usher, methods: tuple[str, ...], looked_up: bool) -> None:
    for number, method in enumerate(methods, 1):
        usher.gemini.will_say(*LONG, f"Done {number}.")
        if not looked_up:  # it goes on in another message, and the first shows only what it is known to show
            usher.slack.will_refuse("conversations.replies", "internal_error", 3)
        usher.slack.will_break(method, cut=True, done=True)
        await usher.slack.person_says(OWNER, DM, f"tell me {number}")
        await usher.message_with(f"Done {number}.")
        assert not usher.slack._api._made_up[method]
    whole, each = read(usher.slack), 60 * len(methods)
    assert [whole.count(word) for word in ("Alpha", "Bravo", "Charlie")] == [each, each, each]
