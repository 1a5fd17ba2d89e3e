"""What one turn brings about cannot end its conversation for ever: too much, unreadable, or what cannot be stored."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from bot.agent.summary import MOST_PROMPT
from bot.services.chats.values import ATTEMPTS
from playground.gemini import Failure
from storage.repositories.conversations.messages import Messages
from storage.tables import Message as Stored
from storage.tables import Turn
from tests.services.house import House, allow
from tests.services.test_folding import said
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted


@on_each_engine
async def test_a_turn_whose_history_ends_each_process_is_ended_without_it(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    gemini.will_say("Hello.")
    async with house.worker():
        await house.say("hello")
        await house.face.after()
    asked = await house.say("and now?", "slack:2")
    async with house.db.begin() as tables:  # as after so many processes that were killed in it
        await tables.session.execute(sa.update(Turn).where(Turn.id == asked.turn_id).values(attempts=ATTEMPTS))
        await tables.session.execute(
            sa.update(Stored.__table__).where(Stored.position == 0).values(content=sa.literal_column("'\"unread\"'"))
        )
    async with house.worker():
        shown = await house.face.after(2)
    assert shown.states[-1] == "failed" and "begun three times" in str(shown.told[-1].body)
    assert len(gemini.asked) == 1


@pytest.mark.parametrize("kind", ["a result", "an answer"])
async def test_what_cannot_be_stored_is_left_out_and_the_end_is_stored(
    house: House, gemini: Scripted, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    put = Messages.put

    async def picky(self: Messages, workspace: str, conversation: str, turn: Any, contents: Any, position: int) -> Any:
        if "a boat" in str(contents):
            raise ValueError("the column holds no more than a gigabyte")
        return await put(self, workspace, conversation, turn, contents, position)

    monkeypatch.setattr(Messages, "put", picky)
    await allow(house, await house.connect(workshop.url), "look", "free")
    if kind == "a result":
        workshop.built.append("a boat")
        gemini.will_call(("shop__look", {}))
    else:
        gemini.will_say("I see a boat.")
    async with house.worker():
        await house.say("what is there?")
        first = await house.face.after()
        gemini.will_say("Here I am.")
        await house.say("are you there?", "slack:2")
        second = await house.face.after(2)
    assert first.states[-1] == "failed" and (first.turn.status, first.turn.attempts) == ("failed", 1)
    assert (second.states[-1], second.text) == ("done", "Here I am.")


async def test_a_conversation_that_failed_for_its_length_is_folded_and_goes_on(house: House, gemini: Scripted) -> None:
    gemini.will_say("Read.")
    gemini.script(Failure(400, "INVALID_ARGUMENT", "The input token count exceeds the maximum number of tokens."))
    gemini.will_say("They sent a long page.")
    async with house.worker():
        await said(house, 1, "x" * 4 * (MOST_PROMPT + 1))
        await said(house, 2, "and what is in it?")
        assert (await house.face.after(2)).states[-1] == "failed"
        gemini.will_say("A page.")
        await said(house, 3, "really?")
        assert (await house.face.after(3)).text == "A page."
    await asyncio.gather(*house.chats._folding._tasks)
    assert "xxx" not in str(gemini.heard()) and "They sent a long page." in str(gemini.heard())
