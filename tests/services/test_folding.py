"""A conversation of thirty turns: folded beside them, whole where that fails, and only where it is still as it was."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from bot.agent.summary import AFTER, KEEP, LEAD, MOST_PROMPT, ROOM, Fold
from bot.services.chats import folding
from playground.gemini import Failure, Reply, text
from storage.tables import Conversation, Message
from tests.services.house import House
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

TURNS = 30
SUMMARY = "Facts and identifiers: " + ", ".join(f"ID-{number}" for number in range(1, AFTER + 3 - KEEP))


async def said(house: House, number: int, words: str) -> None:
    """One turn, and what is done beside it afterwards."""
    await house.say(words, f"slack:{number}")
    await house.face.after(number)
    await asyncio.gather(*house.chats._folding._tasks)


async def conversation_of(house: House) -> tuple[Conversation, list[Message]]:
    [turn, *_] = await house.turns()
    async with house.db.read() as tables:
        found = await tables.conversations.get("T1", turn.conversation_id)
        assert found
        return found, await tables.messages.of("T1", found.id)


def bare(contents: list[dict[str, Any]]) -> list[str]:
    return [str(each) for each in contents]


@on_each_engine
async def test_thirty_turns_are_folded_once_and_a_fold_that_fails_keeps_all(house: House, gemini: Scripted) -> None:
    answers: list[list[dict[str, Any]]] = []
    async with house.worker():
        for number in range(1, TURNS + 1):
            gemini.will_say(f"Noted {number}.")
            if number == AFTER + 1:
                gemini.script(Failure(400, "INVALID_ARGUMENT"))
            if number == AFTER + 2:
                gemini.will_say(SUMMARY)
            before = len(gemini.asked)
            await said(house, number, f"the fact of turn {number} is ID-{number}")
            answers.append(gemini.heard(before))
            if number == AFTER + 1:
                conversation, _ = await conversation_of(house)
                assert (conversation.summary, conversation.folded) == ("", 0)
    conversation, messages = await conversation_of(house)
    assert (conversation.summary, conversation.folded) == (SUMMARY, 2 * (AFTER + 2 - KEEP))
    assert len(messages) == 2 * TURNS, "what is folded away is kept"
    for number, heard in enumerate(answers, 1):
        lost = [past for past in range(1, number + 1) if f"ID-{past}" not in str(heard)]
        assert not lost, (number, lost)
    broken = [
        number for number, (last, heard) in enumerate(pairwise(answers), 2) if bare(heard)[: len(last)] != bare(last)
    ]
    assert broken == [AFTER + 3], "the prefix is broken by the fold, once"
    assert answers[-1][0]["parts"][0]["text"] == f"{LEAD}\n{SUMMARY}"
    assert f"Noted {AFTER + 2 - KEEP}." not in str(answers[-1]) and f"Noted {AFTER + 3 - KEEP}." in str(answers[-1])


async def test_a_conversation_is_folded_by_its_size_too(house: House, gemini: Scripted) -> None:
    full = {"promptTokenCount": MOST_PROMPT + 1, "candidatesTokenCount": 1, "totalTokenCount": MOST_PROMPT + 2}
    gemini.will_say("Read.")
    gemini.script(Reply([[text("Read.")]], usage=full))
    gemini.will_say("They sent a page.")
    async with house.worker():
        await said(house, 1, "x" * ROOM)
        await said(house, 2, "and what is in it?")
        gemini.will_say("A page.")
        await said(house, 3, "really?")
    assert "xxx" not in str(gemini.heard()) and "They sent a page." in str(gemini.heard())
    assert "and what is in it?" in str(gemini.heard())


async def _reworded(house: House, conversation: Conversation, messages: list[Message]) -> None:
    async with house.db.begin() as tables:
        await tables.messages.rewrite(messages[0], {"role": "user", "parts": [{"text": "other words"}]})


async def _folded_elsewhere(house: House, conversation: Conversation, messages: list[Message]) -> None:
    async with house.db.begin() as tables:
        await tables.conversations.fold("T1", conversation.id, "another", 1)


async def _gone_on(house: House, conversation: Conversation, messages: list[Message]) -> None:
    async with house.db.begin() as tables:
        await tables.messages.add("T1", conversation.id, None, [{"role": "user", "parts": [{"text": "more"}]}])


@pytest.mark.parametrize(
    ("meanwhile", "summary"), [(_reworded, ""), (_folded_elsewhere, "another"), (_gone_on, "They said hello.")]
)
async def test_a_summary_is_taken_only_for_what_is_still_as_it_was(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[..., Any], summary: str
) -> None:
    gemini.will_say("Hello.")
    async with house.worker():
        await said(house, 1, "hello")
    conversation, messages = await conversation_of(house)

    async def slow(*about: object, **more: object) -> Fold:
        await meanwhile(house, conversation, messages)
        return Fold("They said hello.", 2)

    monkeypatch.setattr(folding, "fold", slow)
    [turn] = await house.turns()
    await house.chats._folding._fold(turn)
    assert (await conversation_of(house))[0].summary == summary
