"""A call that changes something waits for its member, is decided once, and then runs or does not."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import NotYours, UserError
from storage.schema import now
from storage.tables import Approval
from tests.services.house import OTHER, OWNER, House, Shown
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
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


@on_each_engine
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


@on_each_engine
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
        await closed_by_a_job(house, approval_id)
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


@on_each_engine
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


async def test_a_question_lapses_when_its_connection_is_disconnected(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        connection = await house.connections.find(OWNER, "Shop")
        await house.connections.disconnect(OWNER, connection.id)
        approval = await house.chats.approval("T1", approval_id)
        assert approval
        assert (approval.state, approval.why) == ("lapsed", "Not run: Shop was disconnected.")
        with pytest.raises(NotYours, match=r"^Not run: Shop was disconnected\.$"):
            await house.chats.decide(OWNER, approval_id, "approve")
        await closed_by_a_job(house, approval_id)
        gemini.will_say("Hello.")
        await house.say("hello", "slack:2")
        shown = await house.face.after(2)
    assert shown.states[-1] == "done"
    assert "Not run: Shop was disconnected." in responses(gemini)
    assert workshop.built == []


async def test_a_question_lapses_when_its_tool_is_switched_off_and_not_when_it_still_asks(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        connection = await house.connections.find(OWNER, "Shop")
        for tool, policy in (("look", "off"), ("build", "always"), ("build", "ask")):
            await house.connections.choices.set_policy(OWNER, connection.id, tool, policy)
            approval = await house.chats.approval("T1", approval_id)
            assert approval
            assert approval.state == "asked"
        await house.connections.choices.set_policy(OWNER, connection.id, "build", "off")
        approval = await house.chats.approval("T1", approval_id)
    assert approval
    assert (approval.state, approval.why) == ("lapsed", "Not run: Build was switched off.")
    await closed_by_a_job(house, approval_id)


async def test_a_question_about_another_connection_stays_open(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    other = await house.connect(workshop.url, "Other")
    async with house.worker():
        _, approval_id = await paused(house, gemini, workshop)
        await house.connections.disconnect(OWNER, other.connection.id)
        gemini.will_say("Built.")
        await house.chats.decide(OWNER, approval_id, "approve")
        await house.face.after(2)
    assert workshop.built == ["a boat"]


async def test_a_step_of_several_calls_lapses_whole(house: House, gemini: Scripted, workshop: Workshop) -> None:
    gone, kept = await house.connect(workshop.url), await house.connect(workshop.url, "Other")
    gemini.will_call(("shop__build", {"thing": "a boat"}), ("other__build", {"thing": "an oar"}))
    async with house.worker():
        await house.say("build both")
        await house.face.after()
        await house.connections.disconnect(OWNER, gone.connection.id)
        gemini.will_say("Neither was built.")
        await house.say("and?", "slack:2")
        shown = await house.face.after(2)
    assert (shown.states[-1], workshop.built) == ("done", [])
    assert responses(gemini).count("Not run: Shop was disconnected.") == 2
    assert [view.connection.id for view in await house.connections.of(OWNER)] == [kept.connection.id]


@on_each_engine
async def test_switching_many_tools_off_at_once_closes_what_waits_for_one(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    made = await house.connect(workshop.url)
    gemini.will_call(("shop__build", {"thing": "a boat"}))
    async with house.worker():
        await house.say("build a boat")
        await house.face.after()
        assert (
            await house.connections.choices.set_policies(OWNER, made.connection.id, ["build", "look", "gone"], "off")
            == 2
        )
        gemini.will_say("Not built.")
        await house.say("and?", "slack:2")
        await house.face.after(2)
    assert workshop.built == [] and "was switched off" in str(responses(gemini))
    assert {tool.policy for tool in await house.connections.tools(OWNER, made.connection.id)} == {"off"}
    with pytest.raises(UserError):
        await house.connections.choices.set_policies(OTHER, made.connection.id, ["build"], "always")


@pytest.mark.parametrize("ends", ["disconnected", "in time"])
async def test_a_guest_is_told_that_nobody_decides_any_more(
    house: House, gemini: Scripted, workshop: Workshop, ends: str
) -> None:
    made = await house.connect(workshop.url)
    guest, _ = await house.guest(tools=((made.connection.id, "look"),))
    gemini.will_call(("shop__look", {}))
    async with house.worker():
        await house.chats.say_as_guest(guest, "what is built?", "client-1")
        shown = await house.face.after()
        assert shown.states[-1] == "waiting"
        if ends == "disconnected":
            await house.connections.disconnect(OWNER, made.connection.id)
        else:
            async with house.db.begin() as tables:
                await tables.session.execute(sa.update(Approval).values(expires_at=now() - timedelta(seconds=1)))
            await house.chats.expire()
    last = (await house.log(guest.conversation_id))[-1]
    told = {"disconnected": "no longer offers the tool", "in time": "did not answer in time"}
    assert (last.kind, last.body["state"]) == ("status", "stopped")
    assert told[ends] in last.body["text"]


async def closed_by_a_job(house: House, approval_id: str) -> None:
    async with house.db.read() as tables:
        jobs = await tables.jobs.all("T1")
    assert [job.payload["approval_id"] for job in jobs if job.kind == "approval_closed"] == [approval_id]


async def test_a_tool_whose_always_is_taken_back_in_the_middle_of_a_turn_asks_in_that_turn(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    made = await house.connect(workshop.url)
    await house.connections.choices.set_policy(OWNER, made.connection.id, "build", "always")
    workshop.held = True
    gemini.will_call(("shop__build", {"thing": "a boat"}))
    gemini.will_call(("shop__build", {"thing": "a harbour"}))
    gemini.will_call(("shop__build", {"thing": "a harbour"}))
    async with house.worker():
        await house.say("build a boat and a harbour")
        await workshop.building.wait()
        await house.connections.choices.set_policy(OWNER, made.connection.id, "build", "ask")
        workshop.release()
        shown = await house.face.after()
    assert shown.states == ["working", "waiting"] and workshop.built == ["a boat"]
    assert "is asked before each call" in str(responses(gemini))
    assert shown.bodies("approval")[0]["calls"][0]["arguments"] == {"thing": "a harbour"}
