"""Every kind of result reaches the model, bounded, as the answer to its call."""

import json
from typing import Any

import pytest

from bot.agent.gemini.responses import MOST_CHARACTERS, answered
from bot.agent.model import Reply
from mcp_runtime.tools.tools import File, ToolCall, ToolResult
from tests.support.gemini import FALLBACK, MODEL, Scripted
from tests.support.tools import tool

CALL = ToolCall("c1", "town__look")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def given(result: ToolResult) -> Any:
    response = answered(CALL, result)["functionResponse"]
    assert (response["id"], response["name"]) == ("c1", "town__look")
    return response["response"]


@pytest.mark.parametrize("output", ["text", {"n": None}, [1, None], "", None])
def test_any_json_is_an_output(output: Any) -> None:
    assert given(ToolResult(output)) == {"output": output}


def test_a_failure_is_an_error_in_words() -> None:
    assert given(ToolResult(error="no such city")) == {"error": "no such city"}


def test_an_absent_id_stays_absent() -> None:
    assert "id" not in answered(ToolCall("", "t"), ToolResult("x"))["functionResponse"]


@pytest.mark.parametrize("output", ["x" * (MOST_CHARACTERS + 7), {"x": "y" * MOST_CHARACTERS}])
def test_what_is_too_long_is_clipped_and_says_so(output: Any) -> None:
    shown = given(ToolResult(output))["output"]
    assert shown.endswith("characters left out]") and len(shown) < MOST_CHARACTERS + 50


@pytest.mark.parametrize(
    ("file", "note"),
    [
        (File("audio/wav", b"abc"), "audio/wav, 3 bytes"),
        (File("image/png", bytes(5_000_000)), "image/png, 5000000 bytes"),
    ],
)
def test_files_the_model_cannot_take_are_named(file: File, note: str) -> None:
    assert given(ToolResult("ok", files=(file,))) == {"output": "ok", "left_out": [note]}


@pytest.mark.parametrize("name", [MODEL, FALLBACK])
async def test_both_generations_take_a_file(gemini: Scripted, name: str) -> None:
    if name == FALLBACK:
        gemini.server.retired.add(MODEL)
    gemini.will_call(("town__look", {}))
    gemini.will_say("seen")
    history = [gemini.model.user("show me")]
    for _ in range(2):
        heard = [event async for event in gemini.model.reply(history, [tool("town__look")], instructions="")]
        reply = heard[-1]
        assert isinstance(reply, Reply) and reply.message
        history.append(reply.message)
        results = [(each, ToolResult("ok", files=(File("image/png", PNG),))) for each in reply.calls]
        history += gemini.model.results(results) if results else []
    assert reply.text == "seen"
    assert [name in each.path for each in gemini.asked[-2:]] == [True, True]


@pytest.mark.parametrize(
    "output",
    [
        {"paths": {"/a": {"schema": {"$ref": "#/components/schemas/Error"}}}},
        [{"owner": {"$ref": "users", "$id": "1"}}],
        {"$ref": "#"},
        {"deep": [[[{"$oid": "1"}]]]},
        {"source": "untrusted output of Odd", "result": {"items": [{"$ref": "x"}]}},
    ],
)
async def test_a_result_with_references_reaches_the_model_as_text(gemini: Scripted, output: Any) -> None:
    gemini.will_call(("t", {}))
    gemini.will_say("fine")
    gemini.will_say("still fine")
    first = [event async for event in gemini.model.reply([gemini.model.user("hi")], [tool("t")], instructions="")][-1]
    assert isinstance(first, Reply) and first.message
    answers = gemini.model.results([(first.calls[0], ToolResult(output))])
    stored_before = {"role": "user", "parts": [{"functionResponse": {"id": "call-0", "name": "t"}}]}
    stored_before["parts"][0]["functionResponse"]["response"] = {"output": output}  # type: ignore[index]
    for results in (answers, [stored_before]):
        history = [gemini.model.user("hi"), first.message, *results]
        heard = [event async for event in gemini.model.reply(history, [tool("t")], instructions="")]
        assert isinstance(heard[-1], Reply) and "fine" in heard[-1].text
        assert ("$ref" in (sent := json.dumps(gemini.responses()[0]["response"]))) or "$oid" in sent
    if isinstance(output, dict) and "source" in output:
        assert gemini.responses()[0]["response"]["output"]["source"] == output["source"]
