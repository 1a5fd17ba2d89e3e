"""A turn is stored, run once, shown once, and survives the process that ran it."""

import asyncio
import re

import pytest

from bot.agent.gemini.known_models import KnownModels, utc_today
from bot.services.chats import one_turn
from playground.gemini import Failure, Reply, text
from playground.gemini.script import Break
from storage.tables import Event
from tests.services.house import PLACE, House, allow, kill
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import FALLBACK, MODEL, Scripted

HELD = Reply([[text("Let me ")], Break.HOLD])


async def asked(gemini: Scripted, count: int = 1) -> None:
    async with asyncio.timeout(60):
        while len(gemini.asked) < count:
            await asyncio.sleep(0.005)


async def test_a_message_is_answered_and_all_of_it_is_stored(house: House, gemini: Scripted) -> None:
    gemini.will_say("It is ", "noon.")
    async with house.worker():
        said = await house.say("what time is it?")
        shown = await house.face.after()
    assert shown.text == "It is noon."
    assert shown.states == ["working", "done"]
    log = await house.log(said.conversation_id)
    assert [event.kind for event in log] == ["message", "status", "message", "status"]
    assert [event.seq for event in log] == [1, 2, 3, 4]
    assert log[2].body == {"author": "agent", "name": "Usher", "text": "It is noon.", "turn": said.turn_id}


@on_each_engine
async def test_a_message_delivered_twice_is_answered_once(house: House, gemini: Scripted) -> None:
    gemini.will_say("Once.")
    first = await house.say("hello")
    second = await house.say("hello")
    assert second.repeated and second.turn_id == first.turn_id and second.seq == first.seq
    async with house.worker():
        await house.face.after()
    assert len(await house.turns()) == 1


@on_each_engine
async def test_messages_of_one_conversation_are_answered_in_order(house: House, gemini: Scripted) -> None:
    gemini.will_say("One.")
    gemini.will_say("Two.")
    await house.say("first", "slack:1")
    await house.say("second", "slack:2")
    async with house.worker():
        last = await house.face.after(2)
    assert last.text == "Two."
    assert [each["parts"][-1]["text"] for each in gemini.heard()] == ["first", "One.", "second"]


async def test_a_tool_that_only_reads_runs_and_is_told(house: House, gemini: Scripted, workshop: Workshop) -> None:
    await allow(house, await house.connect(workshop.url), "look", "free")
    gemini.will_call(("shop__look", {}))
    gemini.will_say("Nothing yet.")
    async with house.worker():
        await house.say("what was built?")
        shown = await house.face.after()
    assert workshop.looks == 1
    assert [body["state"] for body in shown.bodies("tool")] == ["started", "done"]
    assert len({body["call"] for body in shown.bodies("tool")}) == 1
    assert shown.text == "Nothing yet."


async def test_a_turn_whose_process_died_before_any_change_is_run_again(house: House, gemini: Scripted) -> None:
    gemini.script(HELD)
    async with house.worker("one"):
        said = await house.say("hello")
        await asked(gemini)
        await kill(house)
        gemini.will_say("Here I am.")
        async with house.worker("two"):
            shown = await house.face.after()
    assert (shown.text, shown.turn.attempts) == ("Here I am.", 2)
    log = await house.log(said.conversation_id)
    assert [event.body["text"] for event in log if event.kind == "message"] == ["hello", "Here I am."]
    assert [each["parts"][-1]["text"] for each in gemini.heard()] == ["hello"]


@on_each_engine
async def test_a_turn_whose_process_died_in_a_change_says_so_once_and_does_not_try_again(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await allow(house, await house.connect(workshop.url), "build", "always")
    workshop.held = True
    gemini.will_call(("shop__build", {"thing": "a boat"}))
    async with house.worker("one"):
        said = await house.say("build a boat")
        await workshop.building.wait()
        await kill(house)
        async with house.worker("two"):
            shown = await house.face.after()
            assert shown.states[-1] == "interrupted"
            workshop.release()
            log = await house.log(said.conversation_id)
            told = [event.body["text"] for event in log if event.kind == "status" and event.body["text"]]
            assert told == [
                "I was interrupted while this was running: Shop: Build. I did not try again; please check it first."
            ]
            gemini.will_say("I will look.")
            await house.say("so, was it built?", "slack:2")
            await house.face.after(2)
    assert len(gemini.asked) == 2
    answers = [part for each in gemini.heard() for part in each["parts"] if "functionResponse" in part]
    assert "may or may not have happened" in str(answers)


@on_each_engine
async def test_a_turn_that_dies_again_and_again_is_given_up(house: House, gemini: Scripted) -> None:
    await house.say("hello")
    for attempt in range(3):
        gemini.script(HELD)
        async with house.worker(f"worker-{attempt}"):
            await asked(gemini, attempt + 1)
            await kill(house, f"worker-{attempt}")
    async with house.worker("last"):
        shown = await house.face.after()
    assert shown.states[-1] == "failed"
    assert "three times" in shown.bodies("status")[-1]["text"]


@on_each_engine
async def test_closing_gives_an_unfinished_turn_to_the_next_start_at_once(house: House, gemini: Scripted) -> None:
    gemini.script(HELD)
    async with house.worker("one") as worker:
        await house.say("hello")
        await asked(gemini)
        await asyncio.wait_for(worker.close(0), 60)
    turn = (await house.turns())[0]
    assert (turn.status, turn.lease_until) == ("queued", None)
    gemini.will_say("Back again.")
    async with house.worker("two"):
        assert (await house.face.after()).text == "Back again."


async def test_closing_in_a_change_ends_the_turn_with_a_plain_sentence(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await allow(house, await house.connect(workshop.url), "build", "always")
    workshop.held = True
    gemini.will_call(("shop__build", {"thing": "a boat"}))
    async with house.worker("one") as worker:
        said = await house.say("build a boat")
        await workshop.building.wait()
        await asyncio.wait_for(worker.close(0), 60)
    assert (await house.log(said.conversation_id))[-1].body["state"] == "interrupted"
    async with house.worker("two"):
        shown = await house.face.after()
    assert shown.states[-1] == "interrupted"
    assert len(gemini.asked) == 1


@on_each_engine
async def test_an_answer_that_was_stored_and_never_shown_is_shown_after_a_restart(
    house: House, gemini: Scripted
) -> None:
    gemini.will_say("Here I am.")
    house.face.trouble = RuntimeError("Slack is down")
    async with house.worker("one"):
        await house.say("hello")
        while (await house.turns())[0].status != "done":
            await asyncio.sleep(0.01)
    assert not (await house.turns())[0].told
    house.face.trouble = None
    await kill(house)
    async with house.worker("two"):
        shown = await house.face.after()
        assert shown.bodies("message")[-1]["text"] == "Here I am."
        await house.told()
    async with house.worker("three"):
        gemini.will_say("Yes.")
        await house.say("again", "slack:2")
        await house.face.after(2)
    assert [each.turn.source for each in house.face.shown] == ["slack:1", "slack:2"]


@on_each_engine
async def test_two_workers_never_run_one_turn_twice(house: House, gemini: Scripted) -> None:
    async with house.worker("one"), house.worker("two"):
        for number in range(12):
            gemini.will_say("Done.")
            place = type(PLACE)("C1", f"{number}.0", "T1", private=False)
            await house.say("hello", f"slack:{number}", place)
        await house.face.after(12)
        await house.told()  # a worker closed before that note would leave the last turn to the other, to show it again
    turns = await house.turns()
    assert [turn.status for turn in turns] == ["done"] * 12
    assert [turn.attempts for turn in turns] == [1] * 12
    assert len(gemini.asked) == 12


async def test_a_stopped_turn_keeps_what_was_said_and_ends(house: House, gemini: Scripted) -> None:
    gemini.script(HELD)
    async with house.worker():
        said = await house.say("tell me everything")
        await asked(gemini)
        assert await house.chats.stop("T1", said.conversation_id)
        shown = await house.face.after()
        assert shown.states == ["working", "stopped"]
        gemini.will_say("Of course.")
        await house.say("and now briefly", "slack:2")
        await house.face.after(2)
    assert not await house.chats.stop("T1", said.conversation_id)


async def test_a_turn_stopped_in_a_change_tells_the_model_that_it_may_have_happened(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await allow(house, await house.connect(workshop.url), "build", "always")
    workshop.held = True
    gemini.will_call(("shop__build", {"thing": "a boat"}))
    async with house.worker():
        said = await house.say("build a boat")
        await workshop.building.wait()
        await house.chats.stop("T1", said.conversation_id)
        await house.face.after()
        gemini.will_say("I do not know.")
        await house.say("was it built?", "slack:2")
        await house.face.after(2)
    answers = [part for each in gemini.heard() for part in each["parts"] if "functionResponse" in part]
    assert "may or may not have happened" in str(answers)


BAD_KEY = Failure(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")


@pytest.mark.parametrize("failures", [[BAD_KEY], [Failure(403, "PERMISSION_DENIED")], [Failure(404, "NOT_FOUND")] * 3])
async def test_what_administrators_have_to_mend_is_told_to_them_and_not_to_the_member(
    house: House, gemini: Scripted, failures: list[Failure]
) -> None:
    gemini.script(*failures)
    async with house.worker():
        await house.say("hello")
        shown = await house.face.after()
    assert shown.states[-1] == "failed" and "they have been told" in shown.bodies("status")[-1]["text"]
    told = str([each.body for each in shown.told if isinstance(each, Event)])
    assert not re.search(r"GEMINI|gemini-\d|API|quota", told), told
    async with house.db.read() as tables:
        notes = [str(job.payload) for job in await tables.jobs.all() if job.kind == "admin_note"]
    assert any("GEMINI_" in note for note in notes)


@on_each_engine
async def test_a_model_that_is_gone_is_told_to_administrators_once_a_day(house: House, gemini: Scripted) -> None:
    gemini.server.retired.add(MODEL)
    async with house.worker():
        for number in (1, 2):
            gemini.model._lineup = KnownModels([MODEL, FALLBACK], utc_today)  # as another process begins
            gemini.will_say("Hello.")
            await house.say("hello", f"slack:{number}")
            shown = await house.face.after(number)
            assert shown.text == "Hello." and shown.states[-1] == "done"
    async with house.db.read() as tables:
        notes = [job.payload["text"] for job in await tables.jobs.all() if job.kind == "admin_note"]
    assert notes == [f"The model {MODEL} is gone; {FALLBACK} answers instead."]


async def test_a_long_conversation_is_folded_into_a_summary(house: House, gemini: Scripted) -> None:
    gemini.will_say("Hello.")
    async with house.worker():
        said = await house.say("hello", "slack:1")
        await house.face.after()
        await asyncio.gather(*house.chats._folding._tasks)  # else the end of the first turn may find what is added now
        here = ("T1", said.conversation_id)
        async with house.db.begin() as tables:
            old = [{"role": role, "parts": [{"text": f"old {n}"}]} for n in range(20) for role in ("user", "model")]
            await tables.messages.add(*here, None, old)
        gemini.will_say("Still here.")
        gemini.will_say("They said hello twenty times.")
        await house.say("are you there?", "slack:2")
        await house.face.after(2)
        async with asyncio.timeout(60):
            while True:
                async with house.db.read() as tables:
                    conversation = await tables.conversations.get(*here)
                if conversation and conversation.summary:
                    break
                await asyncio.sleep(0.01)
        gemini.will_say("Yes.")
        await house.say("and now?", "slack:3")
        await house.face.after(3)
    assert conversation.summary == "They said hello twenty times."
    assert "They said hello twenty times." in str(gemini.heard()[0])
    assert "old 0" not in str(gemini.heard()) and "old 19" in str(gemini.heard())


async def test_a_guests_turn_that_waits_too_long_ends_with_a_sentence(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(one_turn.SECONDS, "link", 0.2)
    guest, _ = await house.guest()
    gemini.script(HELD)
    async with house.worker():
        await house.chats.say_as_guest(guest, "hello", "c1")
        shown = await house.face.after()
    assert shown.states[-1] == "failed"
    assert "too long" in shown.bodies("status")[-1]["text"]


async def test_a_tool_that_the_model_cannot_take_is_told_by_its_title(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await house.connect(workshop.url)
    gemini.script(Failure(400, "INVALID_ARGUMENT", "FunctionDeclaration 'shop__build' is not for me"))
    gemini.will_say("Without it then.")
    async with house.worker():
        await house.say("build a boat")
        shown = await house.face.after()
    (notice,) = shown.bodies("notice")
    assert "Shop: Build" in notice["text"] and "shop__build" not in notice["text"]


@on_each_engine
async def test_a_tool_that_is_left_out_is_told_once_a_conversation(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await house.connect(workshop.url)
    gemini.script(Failure(400, "INVALID_ARGUMENT", "FunctionDeclaration 'shop__build' is not for me"))
    gemini.will_say("Without it then.")
    gemini.will_say("Still without it.")
    async with house.worker():
        await house.say("build a boat")
        await house.face.after()
        await house.say("and now?", "slack:2")
        again = await house.face.after(2)
    assert again.text == "Still without it." and again.bodies("notice") == []
    assert len(gemini.asked) == 3, "what was refused once is not offered again"


async def test_why_it_takes_longer_is_a_status_and_no_part_of_the_answer(house: House, gemini: Scripted) -> None:
    gemini.script(Failure(429, "RESOURCE_EXHAUSTED"), Failure(503, "UNAVAILABLE"))
    gemini.will_say("Here it is.")
    async with house.worker():
        await house.say("hello")
        shown = await house.face.after()
    told = [body["text"] for body in shown.bodies("status")]
    assert shown.states == ["working", "working", "working", "working", "done"]
    assert told[1].startswith("The model's provider limits how often it is asked. Trying again in")
    assert told[2].startswith("The model is overloaded. Trying again in")
    assert told[3] == "", "it goes away as soon as the model answers"
    assert shown.text == "Here it is." and shown.bodies("notice") == []


async def test_a_turn_that_is_run_again_tells_again_what_stood_before_its_last_results(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await allow(house, await house.connect(workshop.url), "look", "always")
    gemini.will_call(("shop__look", {}), saying="First a look.")
    gemini.script(HELD)
    async with house.worker("one"):
        said = await house.say("what is there?")
        await asked(gemini, 2)
        await kill(house)
        gemini.will_say("Nothing yet.")
        async with house.worker("two"):
            shown = await house.face.after()
    assert shown.text == "First a look.\n\nNothing yet."
    assert [(each["title"], each["state"]) for each in shown.bodies("tool")] == [
        ("Shop: Look", "started"),
        ("Shop: Look", "done"),
    ]
    assert (await house.log(said.conversation_id))[-2].body["text"] == shown.text
    assert workshop.looks == 1


async def test_a_members_turn_that_takes_too_long_ends_with_its_limit_named(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(one_turn.SECONDS, "slack", 0.2)
    gemini.script(HELD)
    async with house.worker():
        await house.say("hello")
        shown = await house.face.after()
    assert shown.states[-1] == "failed"
    assert "took too long" in shown.bodies("status")[-1]["text"]
