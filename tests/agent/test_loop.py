"""A whole turn against the strict server: words, tools, limits, and every way it may end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from bot.agent.events import Answer, Delta, Event, Failed, ToolFinished, ToolsLeftOut, ToolStarted
from bot.agent.gemini.refusals.refused_tools import NAMED
from bot.agent.loop import Bounds, run
from mcp_runtime.tools.tools import ToolResult
from playground.gemini import Failure, Reply, call, text
from tests.support.gemini import SIGNATURE, Scripted
from tests.support.tools import Toolbox, tool

LOOK = tool("town__look", city=str)
OSLO, ROME = ("town__look", {"city": "Oslo"}), ("town__look", {"city": "Rome"})


async def drained(events: AsyncGenerator[Event, None]) -> list[Event]:
    async with aclosing(events):
        return [event async for event in events]


async def played(gemini: Scripted, tools: Toolbox, history: list[Any], **options: Any) -> list[Event]:
    return await drained(run(gemini.model, tools, history, instructions="Be brief.", **options))


async def test_two_tools_run_and_then_it_answers(gemini: Scripted) -> None:
    gemini.will_call(OSLO, ROME, saying="Let me look.")
    gemini.will_say("Cold ", "in both.")
    history = [gemini.model.user("weather?")]
    tools = Toolbox(LOOK)
    events = await played(gemini, tools, history)
    assert [event.position for event in events if isinstance(event, ToolStarted)] == [0, 1]
    assert sorted(event.position for event in events if isinstance(event, ToolFinished)) == [0, 1]
    assert [each.arguments["city"] for each in tools.called] == ["Oslo", "Rome"]
    assert events[-1] == Answer("Let me look.\n\nCold in both.")
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "Let me look.\n\nCold in both."
    assert [message["role"] for message in history] == ["user", "model", "user", "model"]
    assert [(each["id"], each["response"]) for each in gemini.responses()] == [
        ("call-0", {"output": "done"}),
        ("call-1", {"output": "done"}),
    ]


async def test_all_are_told_to_start_before_any_runs(gemini: Scripted) -> None:
    gemini.will_call(OSLO, ROME)
    tools = Toolbox(LOOK)
    async with aclosing(run(gemini.model, tools, [gemini.model.user("hi")], instructions="")) as events:
        started = [event async for event in _first_two_starts(events)]
        assert len(started) == 2
        assert tools.called == []


async def _first_two_starts(events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    seen = 0
    while seen < 2:
        event = await anext(events)
        if isinstance(event, ToolStarted):
            seen += 1
            yield event


async def test_results_are_in_the_history_when_the_last_call_is_told_to_have_finished(gemini: Scripted) -> None:
    gemini.will_call(OSLO, ROME)
    gemini.will_say("ok")
    history = [gemini.model.user("hi")]
    lengths = []
    async with aclosing(run(gemini.model, Toolbox(LOOK), history, instructions="")) as events:
        async for event in events:
            if isinstance(event, ToolFinished):
                lengths.append(len(history))
    assert lengths == [2, 3]


async def test_tools_of_one_step_run_side_by_side(gemini: Scripted) -> None:
    meeting = asyncio.Barrier(2)

    async def meet(arguments: dict[str, Any]) -> ToolResult:
        await meeting.wait()
        return ToolResult("met")

    gemini.will_call(OSLO, ROME)
    gemini.will_say("ok")
    events = await played(gemini, Toolbox(LOOK, town__look=meet), [gemini.model.user("hi")])
    assert [event.failed for event in events if isinstance(event, ToolFinished)] == [False, False]


async def test_every_call_is_answered_whatever_happens(gemini: Scripted) -> None:
    async def fail(arguments: dict[str, Any]) -> ToolResult:
        return ToolResult(error="no such city")

    async def burst(arguments: dict[str, Any]) -> ToolResult:
        raise RuntimeError("secret detail")

    tools = Toolbox(LOOK, tool("town__burst"), tool("town__walk"), town__look=fail, town__burst=burst)
    gemini.will_call(OSLO, ("town__burst", {}), ("town__ghost", {}), ("default_api:town__walk", {}))
    gemini.will_say("ok")
    events = await played(gemini, tools, [gemini.model.user("try")])
    assert events[-1] == Answer("ok")
    said = [each["response"] for each in gemini.responses()]
    assert said[0] == {"error": "no such city"}
    assert "unexpectedly" in said[1]["error"] and "secret" not in said[1]["error"]
    assert said[2] == {"error": "There is no tool named town__ghost."}
    assert said[3] == {"output": "done"}
    assert [each.name for each in tools.called] == ["town__look", "town__burst", "town__walk"]


async def test_a_tool_that_never_returns_is_given_up(gemini: Scripted) -> None:
    async def forever(arguments: dict[str, Any]) -> ToolResult:
        await asyncio.Event().wait()
        return ToolResult()

    gemini.will_call(OSLO)
    gemini.will_say("ok")
    tools = Toolbox(LOOK, town__look=forever)
    await played(gemini, tools, [gemini.model.user("hi")], bounds=Bounds(seconds=0.05))
    assert gemini.responses()[0]["response"] == {"error": "Timed out after 0.05 s. It may still have happened."}


async def test_the_last_step_must_be_words(gemini: Scripted) -> None:
    for _ in range(3):
        gemini.will_call(OSLO)
    gemini.will_say("This much I found.")
    events = await played(gemini, Toolbox(LOOK), [gemini.model.user("go on")], bounds=Bounds(steps=3))
    assert isinstance(events[-1], Answer) and events[-1].ending == "too_many_steps"
    assert events[-1].text == "This much I found.\n\n(I stopped here: this took too many steps. Ask me to go on.)"
    modes = [asked.body["toolConfig"]["functionCallingConfig"]["mode"] for asked in gemini.asked]
    assert modes == ["AUTO", "AUTO", "AUTO", "NONE"]


async def test_a_model_that_calls_even_then_is_stopped(gemini: Scripted) -> None:
    gemini.will_call(OSLO)
    gemini.will_call(OSLO)
    history = [gemini.model.user("go on")]
    events = await played(gemini, Toolbox(LOOK), history, bounds=Bounds(steps=1))
    assert isinstance(events[-1], Answer) and events[-1].ending == "too_many_steps"
    assert "too many steps" in events[-1].text
    assert [message["role"] for message in history] == ["user", "model", "user"]


async def test_calls_beyond_the_bound_are_told_so(gemini: Scripted) -> None:
    gemini.will_call(OSLO, ROME)
    gemini.will_say("ok")
    await played(gemini, Toolbox(LOOK), [gemini.model.user("hi")], bounds=Bounds(calls=1))
    assert gemini.responses()[1]["response"] == {"error": "Not run: at most 1 calls at a time."}


@pytest.mark.parametrize(
    ("reply", "ending", "words", "kept"),
    [
        (Reply([[]], blocked="SAFETY"), "refused", "safety rules", 1),
        (Reply([[]], finish="PROHIBITED_CONTENT"), "refused", "safety rules", 1),
        (Reply([[]], finish="MAX_TOKENS"), "cut_short", "length limit", 1),
        (Reply([[text("half")]], finish="MAX_TOKENS"), "cut_short", "half\n\n(The answer", 2),
    ],
)
async def test_other_endings_are_told_in_plain_words(
    gemini: Scripted, reply: Reply, ending: str, words: str, kept: int
) -> None:
    gemini.script(reply)
    history = [gemini.model.user("hi")]
    events = await played(gemini, Toolbox(), history)
    assert isinstance(events[-1], Answer) and events[-1].ending == ending
    assert words in events[-1].text
    assert "".join(event.text for event in events if isinstance(event, Delta)) == events[-1].text
    assert len(history) == kept


async def test_a_model_that_cannot_be_had_is_a_sentence(gemini: Scripted) -> None:
    gemini.script(*[Failure(503, "UNAVAILABLE")] * 3)
    history = [gemini.model.user("hi")]
    events = await played(gemini, Toolbox(), history)
    assert isinstance(events[-1], Failed)
    assert (events[-1].setup, events[-1].shown) == (False, "")
    assert "overloaded" in events[-1].text
    assert len(history) == 1


async def test_tools_the_model_refuses_are_set_aside_for_the_turn(gemini: Scripted) -> None:
    blame = "* GenerateContentRequest.tools[0].function_declarations[1].parameters_json_schema: not today"
    gemini.script(Failure(400, "INVALID_ARGUMENT", blame))
    gemini.will_call(OSLO)
    gemini.will_say("ok")
    events = await played(gemini, Toolbox(LOOK, tool("town__odd")), [gemini.model.user("hi")])
    assert events[0] == ToolsLeftOut(("town__odd",), NAMED)
    declared = [len(asked.body["tools"][0]["functionDeclarations"]) for asked in gemini.asked]
    assert declared == [2, 1, 1]


async def test_without_any_tools_none_are_declared(gemini: Scripted) -> None:
    gemini.will_say("hello")
    assert (await played(gemini, Toolbox(), [gemini.model.user("hi")]))[-1] == Answer("hello")
    assert not {"tools", "toolConfig"} & gemini.asked[0].body.keys()


async def test_stopping_cancels_tools_and_the_next_turn_mends_the_history(gemini: Scripted) -> None:
    running, cancelled = asyncio.Event(), asyncio.Event()

    async def forever(arguments: dict[str, Any]) -> ToolResult:
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return ToolResult()

    gemini.will_call(OSLO)
    history = [gemini.model.user("wait")]
    turn = asyncio.create_task(played(gemini, Toolbox(LOOK, town__look=forever), history))
    await running.wait()
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    assert cancelled.is_set()

    gemini.will_say("hello")
    history.append(gemini.model.user("hello?"))
    assert (await played(gemini, Toolbox(LOOK), history))[-1] == Answer("hello")
    assert "interrupted" in gemini.heard()[2]["parts"][0]["functionResponse"]["response"]["error"]
    assert [message["role"] for message in history] == ["user", "model", "user", "model"]


async def test_calls_without_ids_are_answered_without_ids(gemini: Scripted) -> None:
    parts = [call("town__look", {"city": "Oslo"}, signature=SIGNATURE), call("town__look", {"city": "Rome"})]
    gemini.script(Reply([parts]))
    gemini.will_say("ok")
    await played(gemini, Toolbox(LOOK), [gemini.model.user("hi")])
    assert ["id" in each for each in gemini.responses()] == [False, False]
