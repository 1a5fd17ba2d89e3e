"""A call that changes something waits for its member, is decided once, and then runs or does not."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import NotYours
from storage.schema import now
from storage.tables import Approval
from tests.services.house import OTHER, OWNER, House, Shown
from tests.services.workshop import Workshop
from tests.support.gemini import Scripted


async def paused(house: House, gemini: Scripted, workshop: Workshop) -> tuple[Shown, str]:
    """The turn up to its question, and the question's id."""
    await house.connect(workshop.url)
    gemini.will_call(("shop__build", {"thing": "a boat"}), saying="I will build it.")
    await house.say("build a boat")
    shown = await house.face.after()
    assert shown.states == ["working", "waiting"]
    return shown, shown.bodies("approval")[0]["id"]


def responses(gemini: Scripted) -> str:
    return str([part for each in gemini.heard() for part in each["parts"] if "functionResponse" in part])


async def test_a_guarded_call_waits_for_approval_and_then_runs(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        shown, approval_id = await paused(house, gemini, workshop)
        assert shown.bodies("message")[-1]["text"] == "I will build it."
        assert shown.bodies("approval")[0]["calls"] == [
            {"title": "Shop: Build", "server": "Shop", "tool": "build", "arguments": {"thing": "a boat"}}
        ]
        assert workshop.built == []
        gemini.will_say("Built.")
        decided = await house.chats.decide(OWNER, approval_id, "approve")
        shown = await house.face.after(2)
    assert (decided.state, workshop.built, shown.text) == ("approved", ["a boat"], "Built.")
    assert [body["state"] for body in shown.bodies("tool")] == ["started", "done"]


async def test_a_question_can_be_answered_after_a_restart(house: House, gemini: Scripted, workshop: Workshop) -> None:
    async with house.worker("one"):
        _, approval_id = await paused(house, gemini, workshop)
        await house.told()
    await house.chats.decide(OWNER, approval_id, "approve")
    gemini.will_say("Built.")
    async with house.worker("two"):
        await house.face.after(2)
    assert workshop.built == ["a boat"]


async def test_a_denied_call_is_not_made_and_the_model_is_told(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        gemini.will_say("Then I leave it.")
        await house.chats.decide(OWNER, approval_id, "deny")
        shown = await house.face.after(2)
    assert workshop.built == []
    assert [body["state"] for body in shown.bodies("tool")] == ["declined"]
    assert "declined" in responses(gemini)


async def test_always_stops_asking_for_this_tool_and_no_other(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        gemini.will_say("Built.")
        await house.chats.decide(OWNER, approval_id, "always")
        await house.face.after(2)
        gemini.will_call(("shop__build", {"thing": "an oar"}))
        gemini.will_say("Built too.")
        await house.say("and an oar", "slack:2")
        await house.face.after(3)
    assert workshop.built == ["a boat", "an oar"]
    view = (await house.connections.of(OWNER))[0]
    assert {tool.name: tool.policy for tool in view.tools} == {"build": "always", "look": "ask"}


async def test_a_new_message_lapses_what_waits(house: House, gemini: Scripted, workshop: Workshop) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        gemini.will_say("Something else, then.")
        said = await house.say("no, tell me a story", "slack:2")
        await house.face.after(2)
        assert [each.id for each in said.lapsed] == [approval_id]
        with pytest.raises(NotYours, match="went on"):
            await house.chats.decide(OWNER, approval_id, "approve")
    assert workshop.built == []
    assert "went on without deciding" in responses(gemini)


async def test_a_message_that_was_waiting_already_lapses_the_question_when_its_turn_comes(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    await house.connect(workshop.url)
    gemini.will_call(("shop__build", {"thing": "a boat"}))
    gemini.will_say("Hello.")
    await house.say("build a boat", "slack:1")
    await house.say("hello", "slack:2")
    async with house.worker():
        shown = await house.face.after(2)
    assert shown.states[-1] == "done"
    assert shown.bodies("approval")[0]["state"] == "lapsed"
    assert workshop.built == []


async def test_an_old_question_expires_and_cannot_be_answered(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        async with house.db.begin() as tables:
            await tables.session.execute(sa.update(Approval).values(expires_at=now() - timedelta(seconds=1)))
        with pytest.raises(NotYours, match="24 hours"):
            await house.chats.decide(OWNER, approval_id, "approve")
        assert await house.chats.expire() == 1
        assert await house.chats.expire() == 0
        async with house.db.begin() as tables:
            jobs = await tables.jobs.claim(now(), 10, 60)
        assert [job.payload for job in jobs] == [{"workspace": "T1", "approval_id": approval_id}]
        gemini.will_say("Hello.")
        await house.say("hello", "slack:2")
        await house.face.after(2)


async def test_nobody_else_may_decide(house: House, gemini: Scripted, workshop: Workshop) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        with pytest.raises(NotYours, match="Only the member"):
            await house.chats.decide(OTHER, approval_id, "approve")
        with pytest.raises(NotYours, match="Only the member"):
            await house.chats.decide(type(OWNER)("T2", OWNER.id), approval_id, "approve")


async def test_ten_clicks_at_once_run_the_call_once(house: House, gemini: Scripted, workshop: Workshop) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        gemini.will_say("Built.")
        clicks = [house.chats.decide(OWNER, approval_id, "approve") for _ in range(10)]
        outcomes = await asyncio.gather(*clicks, return_exceptions=True)
        await house.face.after(2)
    assert sum(isinstance(each, Approval) for each in outcomes) == 1
    assert sum(isinstance(each, NotYours) for each in outcomes) == 9
    assert workshop.built == ["a boat"]
