"""Every kind of result reaches the model, bounded, as the answer to its call."""

import base64
import json
from typing import Any

import pytest

from bot.agent.gemini.responses import MOST_CHARACTERS, answered
from bot.agent.model import Reply
from mcp_runtime.tools.tools import File, ToolCall, ToolResult
from playground.gemini import Failure, text
from playground.gemini import Reply as Said
from tests.support.gemini import FALLBACK, MODEL, Scripted
from tests.support.tools import tool

CALL = ToolCall("c1", "town__look")
BROKEN = b"\x89PNG\r\n\x1a\nbroken"
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
        (File("image/png", PNG + bytes(5_000_000)), "image/png, 5000264 bytes"),
        (File("image/png", b"<html>no picture</html>"), "image/png, 23 bytes"),
        (File("image/gif", b"GIF89a"), "image/gif, 6 bytes"),
        (File("text/plain", b"\xff\xfe\x00"), "text/plain, 3 bytes"),
        (File("image/\u202egnp\n", b"x"), "image/gnp, 1 bytes"),
    ],
)
def test_files_the_model_cannot_take_are_named(file: File, note: str) -> None:
    assert given(ToolResult("ok", files=(file,))) == {"output": "ok", "left_out": [note]}


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (File("image/jpg", b"\xff\xd8\xff\xe0"), "image/jpeg"),
        (File("image/jpeg", PNG), "image/png"),
        (File("application/octet-stream", b"%PDF-1.7"), "application/pdf"),
        (File("image/webp", b"RIFF\n\x00\x00\x00WEBPVP8 "), "image/webp"),
        (File("Text/Plain; charset=utf-8", "grün".encode()), "text/plain"),
    ],
)
def test_a_file_is_what_it_holds_whatever_its_server_calls_it(file: File, kind: str) -> None:
    response = answered(CALL, ToolResult("ok", files=(file,)))["functionResponse"]
    assert response["response"] == {"output": "ok"}
    assert [each["inlineData"]["mimeType"] for each in response["parts"]] == [kind]


@pytest.mark.parametrize("name", [MODEL, FALLBACK])
@pytest.mark.parametrize(
    "message",
    [
        "Unable to process input image. Please retry or report in …",
        "The document has no pages.",
        "Unsupported MIME type",
    ],
)
async def test_a_file_that_cannot_be_read_ends_no_turn_and_those_before_it_stay(
    gemini: Scripted, name: str, message: str
) -> None:
    if name == FALLBACK:
        gemini.server.retired.add(MODEL)
    broken = base64.urlsafe_b64encode(BROKEN).decode()

    def answering(body: dict[str, Any], _: Any) -> Said | Failure:
        return Failure(400, "INVALID_ARGUMENT", message) if broken in json.dumps(body) else Said([[text("fine")]])

    gemini.server.answering = answering  # type: ignore[assignment]

    def step(number: int, content: bytes) -> list[Any]:
        call = ToolCall(f"c{number}", "t", {})
        asked = {"functionCall": {"id": call.id, "name": "t", "args": {}}}
        asking = {"role": "model", "parts": [asked]}
        return [asking, *gemini.model.results([(call, ToolResult("ok", files=(File("image/png", content),)))])]

    history = [gemini.model.user("show me"), *step(1, PNG), *step(2, BROKEN)]
    for _ in range(2):
        before = len(gemini.asked)
        heard = [event async for event in gemini.model.reply(history, [tool("t")], instructions="")]
        assert isinstance(heard[-1], Reply) and heard[-1].text == "fine"
    assert len(gemini.asked) == before + 1, "it is remembered"
    assert "image/png" in json.dumps(gemini.heard())
    assert "could not be read" in json.dumps(gemini.responses())


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


async def test_a_persons_file_that_the_model_refuses_does_not_end_the_conversation(gemini: Scripted) -> None:
    sent = [{"id": "f1", "name": "odd.pdf", "mime": "application/pdf", "tokens": 600}]
    message = gemini.model.with_files(gemini.model.user("read this", files=sent), {"f1": b"%PDF-odd"})
    gemini.script(Failure(400, "INVALID_ARGUMENT", "The document has no pages."))
    gemini.will_say("I could not open it.")
    heard = [event async for event in gemini.model.reply([message], [], instructions="")]
    assert isinstance(heard[-1], Reply) and heard[-1].text == "I could not open it."
    assert "could not be read" in str(gemini.heard()) and "inlineData" not in str(gemini.heard())
