"""A guarded call ends the turn; the decision, whenever it comes, carries it on."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.agent.events import Answer, Event, Paused, ToolFinished, ToolStarted
from bot.agent.loop import Bounds, Verdict, abandoned, resume
from bot.slack.screens.approvals.calls import described
from storage.engines.plain_text import as_json
from tests.agent.test_loop import LOOK, OSLO, drained, played
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool

RAZE = tool("town__raze", guarded=True, building=str)
TOWER, SHED = ("town__raze", {"building": "tower"}), ("town__raze", {"building": "shed"})


async def paused(gemini: Scripted, history: list[Any], *calls: Any) -> Paused:
    gemini.will_call(*calls)
    events = await played(gemini, Toolbox(LOOK, RAZE), history)
    assert isinstance(events[-1], Paused)
    return events[-1]


async def resumed(
    gemini: Scripted, tools: Toolbox, history: list[Any], pause: Any, verdicts: dict[int, Verdict]
) -> list[Event]:
    return await drained(resume(gemini.model, tools, history, pause, verdicts, instructions="", bounds=Bounds()))


async def test_a_batch_with_one_guarded_call_waits_whole(gemini: Scripted) -> None:
    gemini.will_call(TOWER, OSLO, saying="Making room.")
    tools = Toolbox(LOOK, RAZE)
    history = [gemini.model.user("make room")]
    events = await played(gemini, tools, history)
    assert isinstance(events[-1], Paused)
    assert [(each.position, each.call.name) for each in events[-1].waiting] == [(0, "town__raze"), (1, "town__look")]
    assert events[-1].said == "Making room."
    assert tools.called == []
    assert not any(isinstance(event, ToolStarted) for event in events)
    assert [message["role"] for message in history] == ["user", "model"]


async def test_an_approval_outlives_the_process(gemini: Scripted) -> None:
    """The history and the pause are JSON until someone decides."""
    history = [gemini.model.user("make room")]
    pause = await paused(gemini, history, TOWER, OSLO, SHED)
    stored, kept = json.loads(json.dumps(history)), json.loads(json.dumps(pause.pause))

    tools = Toolbox(LOOK, RAZE)
    gemini.will_say("The tower is gone.")
    verdicts = {0: Verdict(True), 1: Verdict(True), 2: Verdict(False, "Leave the shed.")}
    events = await resumed(gemini, tools, stored, kept, verdicts)
    assert [call.arguments for call in tools.called] == [{"building": "tower"}, {"city": "Oslo"}]
    assert [event.position for event in events if isinstance(event, ToolStarted)] == [0, 1]
    assert len([event for event in events if isinstance(event, ToolFinished)]) == 2
    assert events[-1] == Answer("The tower is gone.")
    said = [each["response"] for each in gemini.responses()]
    assert said == [{"output": "done"}, {"output": "done"}, {"error": "Leave the shed."}]


async def test_a_denied_batch_runs_nothing_and_the_model_is_told(gemini: Scripted) -> None:
    history = [gemini.model.user("make room")]
    pause = await paused(gemini, history, TOWER, OSLO)
    tools = Toolbox(LOOK, RAZE)
    gemini.will_say("Then not.")
    denied = {each.position: Verdict(False) for each in pause.waiting}
    events = await resumed(gemini, tools, history, pause.pause, denied)
    assert tools.called == []
    assert events[-1] == Answer("Then not.")
    assert {each["response"]["error"] for each in gemini.responses()} == {"The member declined this call."}


async def test_a_guarded_call_without_a_verdict_does_not_run(gemini: Scripted) -> None:
    history = [gemini.model.user("make room")]
    pause = await paused(gemini, history, TOWER, SHED)
    tools = Toolbox(LOOK, RAZE)
    gemini.will_say("One of two.")
    await resumed(gemini, tools, history, pause.pause, {0: Verdict(True)})
    assert [call.arguments for call in tools.called] == [{"building": "tower"}]


async def test_steps_before_a_pause_count(gemini: Scripted) -> None:
    history = [gemini.model.user("make room")]
    gemini.will_call(OSLO)
    pause = await paused(gemini, history, TOWER)
    assert pause.pause["steps"] == 2


async def test_a_verdict_holds_only_for_what_was_shown(gemini: Scripted) -> None:
    history = [gemini.model.user("make room")]
    shown = await paused(gemini, history, SHED)
    history += abandoned(gemini.model, history, shown.pause)
    history.append(gemini.model.user("more!"))
    other = await paused(gemini, history, TOWER)
    assert other.digest != shown.digest

    tools = Toolbox(LOOK, RAZE)
    gemini.will_say("I did nothing.")
    events = await resumed(gemini, tools, history, shown.pause, {0: Verdict(True)})
    assert tools.called == []
    assert events[-1] == Answer("I did nothing.")


async def test_a_resumed_turn_that_begins_again_after_its_results_runs_nothing_twice(gemini: Scripted) -> None:
    history = [gemini.model.user("make room")]
    pause = await paused(gemini, history, TOWER)
    history += gemini.model.results([(pause.waiting[0].call, (await Toolbox(RAZE).call(pause.waiting[0].call)))])
    tools = Toolbox(LOOK, RAZE)
    gemini.will_say("It is gone.")
    events = await resumed(gemini, tools, history, pause.pause, {0: Verdict(True)})
    assert tools.called == []
    assert events[-1] == Answer("It is gone.")


async def test_whoever_speaks_instead_of_deciding_declines(gemini: Scripted) -> None:
    history = [gemini.model.user("make room")]
    pause = await paused(gemini, history, TOWER)
    history += abandoned(gemini.model, history, pause.pause)
    history.append(gemini.model.user("never mind"))
    assert abandoned(gemini.model, history, pause.pause) == []
    gemini.will_say("sure")
    assert (await played(gemini, Toolbox(LOOK, RAZE), history))[-1] == Answer("sure")
    response = gemini.heard()[2]["parts"][0]["functionResponse"]["response"]
    assert response == {"error": "Not run: the person went on without deciding."}


@pytest.mark.parametrize("name", ["town__ghost", "town__look"])
async def test_nobody_is_asked_about_calls_that_cannot_or_need_not_wait(gemini: Scripted, name: str) -> None:
    gemini.will_call((name, {"city": "Oslo"}))
    gemini.will_say("ok")
    events = await played(gemini, Toolbox(LOOK, RAZE), [gemini.model.user("hi")])
    assert events[-1] == Answer("ok")


@pytest.mark.parametrize(
    "change",
    [
        {"connection_id": "another"},
        {"own_name": "raze_all"},
        {"description": "Razes the building, and its neighbours."},
        {"schema": {"type": "object", "properties": {"building": {"type": "array"}}}},
    ],
)
async def test_a_yes_is_for_the_tool_that_was_shown_and_for_no_other_of_its_name(
    gemini: Scripted, change: dict[str, Any]
) -> None:
    history = [gemini.model.user("make room")]
    pause = await paused(gemini, history, TOWER, OSLO)
    tools = Toolbox(LOOK, replace(RAZE, **change))
    gemini.will_say("It has changed.")
    await resumed(gemini, tools, history, pause.pause, {0: Verdict(True), 1: Verdict(True)})
    assert [call.name for call in tools.called] == ["town__look"]
    assert "not the tool that was asked about" in gemini.responses()[0]["response"]["error"]


def test_a_question_shows_every_call_that_a_step_may_have() -> None:
    call = {"title": "Town: Raze", "tool": "raze", "server": "Town", "arguments": {"name": "Oslo" * 20}}
    assert described([call] * Bounds().calls).whole


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
async def test_what_is_no_number_in_json_is_refused_before_anybody_is_asked(gemini: Scripted, number: float) -> None:
    """It would be shown as «Infinity», and sent as null."""
    gemini.will_call(("town__raze", {"building": "tower", "deep": [{"floors": number}]}), OSLO)
    gemini.will_say("I cannot say so many.")
    tools = Toolbox(LOOK, RAZE)
    history = [gemini.model.user("make room")]
    events = await played(gemini, tools, history)
    assert events[-1] == Answer("I cannot say so many.")
    assert [call.name for call in tools.called] == ["town__look"]
    assert "is no number that JSON has" in gemini.responses()[0]["response"]["error"]


async def test_a_refused_call_of_a_batch_does_not_run_once_the_others_are_approved(gemini: Scripted) -> None:
    """What is kept of it has null where the infinity was."""
    history = [gemini.model.user("make room")]
    look = ("town__look", {"city": "Oslo", "days": float("inf")})
    pause = await paused(gemini, history, TOWER, look)
    assert [each.position for each in pause.waiting] == [0]
    stored = json.loads(as_json(history))
    tools = Toolbox(LOOK, RAZE)
    gemini.will_say("The tower is gone.")
    events = await resumed(gemini, tools, stored, json.loads(as_json(pause.pause)), {0: Verdict(True)})
    assert [call.name for call in tools.called] == ["town__raze"]
    assert events[-1] == Answer("The tower is gone.")
