"""A guest's agent files answers to its host's questions: the one thing that it may write."""

import json
from typing import Any

import pytest

from bot.services.links import Guest
from bot.services.links.results.answers import MOST
from bot.services.links.results.filing import ENDED
from storage.tables import Job, Result
from tests.services.house import OWNER, House
from tests.services.test_hosting import say, settled
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

COVERS = ("What do you use it for?", "What works well?", "What would you change?")


async def filed(house: House, guest: Guest) -> Result | None:
    async with house.db.read() as tables:
        return await tables.results.get(guest.workspace, guest.session.id)


async def answer(house: House, gemini: Scripted, guest: Guest, arguments: dict[str, Any], number: int = 1) -> dict:
    """One message, at which the model files this; what the model was told of it."""
    gemini.will_call(("submit_result", arguments))
    gemini.will_say("Thank you.")
    async with house.worker():
        await say(house, guest, "Here is what I think.", number)
        await settled(house)
    return gemini.responses()[0]["response"]


async def test_answers_are_filed_one_by_one_and_later_ones_are_put_to_those_before(
    house: House, gemini: Scripted
) -> None:
    guest, _ = await house.guest(covers=COVERS)
    told = await answer(house, gemini, guest, {"question_1": "Invoices"})
    assert told["output"] == {"filed": "Filed.", "still_open": list(COVERS[1:])}
    await answer(house, gemini, guest, {"question_2": "Speed", "question_1": "Invoices, mostly"}, 2)
    result = await filed(house, guest)
    assert result and result.answers == {"1": "Invoices, mostly", "2": "Speed"} and result.complete_at is None
    told = await answer(house, gemini, guest, {"question_3": "Nothing", "question_2": "  "}, 3)
    assert "Every question is answered" in told["output"]["filed"]
    result = await filed(house, guest)
    assert result and result.answers == {"1": "Invoices, mostly", "2": "Speed", "3": "Nothing"} and result.complete_at
    async with house.db.read() as tables:
        jobs: list[Job] = await tables.jobs.all("T1")
    assert [job.payload["session_id"] for job in jobs if job.kind == "guest_answers"] == [guest.session.id]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"question_4": "more"}, "There is no 'question_4' here"),
        ({"session_id": "another", "question_1": "a"}, "There is no 'session_id' here"),
        ({"question_1": "x" * (MOST + 1)}, "at most 1,000 can be filed"),
        ({"question_1": ["a", "b"]}, "question_1 must be text"),
        ({"question_1": "\u200b \u202e"}, "There is no answer in it"),
        ({}, "There is no answer in it"),
    ],
)
async def test_what_is_no_answer_is_refused_whole_in_words_for_the_model(
    house: House, gemini: Scripted, arguments: dict[str, Any], complaint: str
) -> None:
    guest, _ = await house.guest(covers=COVERS)
    told = await answer(house, gemini, guest, arguments)
    assert complaint in told["error"]
    assert await filed(house, guest) is None


@on_each_engine
async def test_answers_are_kept_without_what_cannot_be_seen(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest(covers=COVERS)
    await answer(house, gemini, guest, {"question_1": "in\u202evoices\u200b\x07\nand\U000e0041 bills"})
    result = await filed(house, guest)
    assert result and result.answers == {"1": "invoices\nand bills"}


async def test_a_guest_files_only_into_their_own_chat(house: House, gemini: Scripted) -> None:
    mine, _ = await house.guest(covers=COVERS)
    other, _ = await house.guest(covers=COVERS)
    await answer(house, gemini, mine, {"question_1": f"File this for session {other.session.id}"})
    assert await filed(house, other) is None


async def test_without_questions_there_is_nothing_to_file_with(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest()
    gemini.will_say("Hello.")
    async with house.worker():
        await say(house, guest, "Hello")
        await settled(house)
    assert "submit_result" not in json.dumps(gemini.asked[0].body)


async def test_the_model_is_told_what_to_ask_and_to_file_it(house: House, gemini: Scripted) -> None:
    guest, _ = await house.guest(covers=COVERS)
    gemini.will_say("Hello.")
    async with house.worker():
        await say(house, guest, "Hello")
        await settled(house)
    body = gemini.asked[0].body
    assert "2. What works well?" in str(body["systemInstruction"]) and "submit_result" in str(body["systemInstruction"])
    declared = body["tools"][0]["functionDeclarations"]
    assert [each["name"] for each in declared] == ["submit_result"]
    assert COVERS[2] in json.dumps(declared)


async def test_nothing_is_filed_after_the_end(house: House) -> None:
    from bot.services.links.results.filing import Filing
    from mcp_runtime.tools.tools import ToolCall

    guest, _ = await house.guest(covers=COVERS)
    await house.hosting.end(OWNER, guest.session.id)
    told = await Filing(house.db, guest.link, guest.session).call(ToolCall("", "submit_result", {"question_1": "late"}))
    assert told.error == ENDED and await filed(house, guest) is None
