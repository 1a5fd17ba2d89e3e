"""A refusal that names no tool costs few requests and few tools, and is remembered."""

from typing import Any

import pytest

from bot.agent.events import ToolsLeftOut
from bot.agent.gemini.refusals.blame import is_about_tools, named
from bot.agent.gemini.refusals.refused_tools import NAMED, SUSPECT_FOR, UNNAMED, RefusedTools
from bot.agent.model import ModelFailed, Reply
from mcp_runtime.tools.tools import Tool
from playground.gemini import Failure
from playground.gemini import Reply as Said
from playground.gemini.wire import Json, declarations, text
from tests.support.gemini import Scripted
from tests.support.tools import tool

VAGUE = "Request contains an invalid argument."


def picky(gemini: Scripted, *bad: str, message: str = VAGUE) -> None:
    """A model's API that dislikes these tools and does not say so."""

    def answering(body: Json, _: Any) -> Said | Failure:
        sent = {each["name"] for each in declarations(body)}
        return Failure(400, "INVALID_ARGUMENT", message) if sent & set(bad) else Said([[text("fine")]])

    gemini.server.answering = answering  # type: ignore[assignment]


async def turn(gemini: Scripted, tools: list[Tool]) -> tuple[set[str], int]:
    """What was left out of one answer, and how many requests it took."""
    before, left = len(gemini.asked), set[str]()
    async for event in gemini.model.reply([gemini.model.user("hi")], tools, instructions=""):
        if isinstance(event, ToolsLeftOut):
            left |= set(event.names)
            assert event.why
        if isinstance(event, Reply):
            assert event.text == "fine"
    return left, len(gemini.asked) - before


@pytest.mark.parametrize("count", [1, 2, 7, 64, 300])
async def test_one_bad_tool_is_found_within_few_requests_and_the_others_come_back(gemini: Scripted, count: int) -> None:
    tools = [tool(f"t__{number:03}") for number in range(count)]
    bad = tools[count // 3].name
    picky(gemini, bad)
    left, requests = await turn(gemini, tools)
    assert bad in left and requests <= count.bit_length() + 1
    wasted = 0
    for _ in range(2 * count.bit_length() + 2):
        left, requests = await turn(gemini, tools)
        assert requests <= 2, "a later turn pays for one trial at most"
        wasted += requests - 1
    assert left == {bad}
    assert wasted <= count.bit_length() + 1
    assert await turn(gemini, tools) == ({bad}, 1), "it is remembered"


async def test_of_two_bad_tools_both_are_found(gemini: Scripted) -> None:
    tools = [tool(f"t__{number:02}") for number in range(32)]
    picky(gemini, "t__03", "t__29")
    for _ in range(25):
        left, _ = await turn(gemini, tools)
    assert left == {"t__03", "t__29"}


async def test_what_we_had_to_repair_is_suspected_first(gemini: Scripted) -> None:
    odd = tool("t__odd", x={"type": "array"})
    picky(gemini, "t__odd", message="reference to undefined schema at properties.language")
    assert await turn(gemini, [odd, *(tool(f"t__{n}", much=str, more=str) for n in range(40))]) == ({"t__odd"}, 2)


async def test_a_tool_that_was_mended_is_a_new_one(gemini: Scripted) -> None:
    picky(gemini, "t__a", message="FunctionDeclaration 't__a' is too deep")
    assert await turn(gemini, [tool("t__a"), tool("t__b")]) == ({"t__a"}, 2)
    assert await turn(gemini, [tool("t__a"), tool("t__b")]) == ({"t__a"}, 1)
    picky(gemini)
    assert await turn(gemini, [tool("t__a", mended=str), tool("t__b")]) == (set(), 1)


async def test_a_refusal_that_no_tool_is_to_blame_for_accuses_none(gemini: Scripted) -> None:
    tools = [tool(f"t__{number}") for number in range(8)]
    gemini.server.answering = lambda *_: Failure(400, "INVALID_ARGUMENT", VAGUE)  # type: ignore[assignment, return-value]
    with pytest.raises(ModelFailed):
        await turn(gemini, tools)
    picky(gemini)
    assert await turn(gemini, tools) == (set(), 1)


@pytest.mark.parametrize(
    "message",
    [
        "API key not valid. Please pass a valid API key.",
        "User location is not supported for the API use.",
        "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
        "Please ensure that the number of function response parts is equal to the number of function call parts.",
        "Function call is missing a thought_signature in functionCall parts.",
        "* GenerateContentRequest.contents[3].parts: contents.parts must not be empty.",
        "Unable to process input image. Please retry or report.",
        "Thinking level MINIMAL is not supported for this model.",
    ],
)
async def test_what_has_nothing_to_do_with_tools_starts_no_search(gemini: Scripted, message: str) -> None:
    assert not is_about_tools(message)
    gemini.script(Failure(400, "INVALID_ARGUMENT", message))
    with pytest.raises(ModelFailed):
        await turn(gemini, [tool("t__a"), tool("t__b")])
    assert len(gemini.asked) == 1


async def test_who_is_only_suspected_is_told_so(gemini: Scripted) -> None:
    picky(gemini, "t__a")
    heard = [e async for e in gemini.model.reply([gemini.model.user("hi")], [tool("t__a")], instructions="")]
    assert heard[0] == ToolsLeftOut(("t__a",), UNNAMED)


def test_a_complaint_about_a_call_in_the_history_blames_no_tool() -> None:
    message = "Function call is missing a thought_signature in functionCall parts: `default_api:srv__get`, position 2."
    assert named(message, ["srv__get", "srv__put"]) == set()
    assert named("Invalid schema of function srv__get: parameters.a has no type", ["srv__get"]) == {"srv__get"}


def test_a_tool_that_was_only_suspected_is_tried_again_after_a_while() -> None:
    now = [0.0]
    refused = RefusedTools(lambda: now[0])
    refused.suspect({"pin-of-a"})
    refused.refuse({"pin-of-b"}, NAMED)
    pins = {"a": "pin-of-a", "b": "pin-of-b"}
    assert refused.held(pins)[0] == {"a": UNNAMED, "b": NAMED}
    now[0] += SUSPECT_FOR + 1
    assert refused.held(pins)[0] == {"b": NAMED}
