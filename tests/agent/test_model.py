"""One answer, with recovery from whatever passes while the person has seen nothing."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.agent.events import Delta, ModelReplaced, Retrying, Spent, Thinking, ToolsLeftOut
from bot.agent.gemini.refusals.refused_tools import NAMED
from bot.agent.model import Heard, ModelFailed, Reply
from mcp_runtime.tools.tools import ToolCall, ToolResult
from playground.gemini import Break, Failure, call, text, thought
from playground.gemini import Reply as Said
from tests.support.gemini import FALLBACK, MODEL, SIGNATURE, Scripted
from tests.support.tools import tool

DAILY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
}
IN_7_S = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.5s"}


async def asked(gemini: Scripted, history: list[Any] | None = None, **options: Any) -> tuple[Reply, list[Heard]]:
    given = history or [gemini.model.user("weather?")]
    options = {"instructions": "be brief", "tools": (), **options}
    heard = [event async for event in gemini.model.reply(given, **options)]
    reply = heard[-1]
    assert isinstance(reply, Reply)
    return reply, heard[:-1]


async def failure(gemini: Scripted, **options: Any) -> ModelFailed:
    with pytest.raises(ModelFailed) as caught:
        await asked(gemini, **options)
    return caught.value


async def test_words_thoughts_and_the_bill(gemini: Scripted) -> None:
    gemini.script(Said([[thought("hm")], [text("Hel")], [text("lo")]]))
    reply, heard = await asked(gemini)
    assert heard == [Thinking("hm"), Delta("Hel"), Delta("lo"), Spent(MODEL, 10, 0, 5, thoughts=3)]
    assert (reply.text, reply.calls, reply.ending) == ("Hello", (), "answered")
    assert gemini.asked[0].body["systemInstruction"]["parts"] == [{"text": "be brief"}]


@pytest.mark.parametrize(
    "trouble",
    [
        Failure(503, "UNAVAILABLE"),
        Said([Failure(503, "UNAVAILABLE")]),
        Said([[thought("hm")], Break.CUT]),
        Said([[call("t", {}, id="1")], Break.CUT]),
        Said([[]], finish=""),
        Said([[]], finish="MALFORMED_FUNCTION_CALL"),
        Said([[]]),
        Said([[]], finish="OTHER"),
        Said([[thought("hm")]]),
        Said([[{"functionCall": {"name": "t", "args": [1]}}]]),
        Said([[{"functionCall": {"name": "t", "id": 7}}]]),
        Said([[{"text": ["Hello"]}]]),
        Said([["Hello"]]),  # type: ignore[list-item]
        Said([[text("Hello")]], finish=3),  # type: ignore[arg-type]
        Said([[text("Hello")]], usage=[1]),  # type: ignore[arg-type]
    ],
)
async def test_passing_trouble_is_tried_again(gemini: Scripted, trouble: Said | Failure) -> None:
    gemini.script(trouble)
    gemini.will_say("fine")
    reply, heard = await asked(gemini)
    assert (reply.text, reply.calls) == ("fine", ())
    assert [event.seconds for event in heard if isinstance(event, Retrying)] == gemini.waits
    assert len(gemini.waits) == 1


@pytest.mark.parametrize(
    ("trouble", "wait"),
    [
        (Failure(429, headers={"Retry-After": "7"}), 7.0),
        (Failure(429, details=[IN_7_S]), 7.5),
    ],
)
async def test_the_server_is_given_the_time_it_asks_for(gemini: Scripted, trouble: Failure, wait: float) -> None:
    gemini.script(trouble)
    gemini.will_say("fine")
    await asked(gemini)
    assert gemini.waits == [wait]


async def test_a_long_wait_is_told_instead_of_sat_through(gemini: Scripted) -> None:
    gemini.script(Failure(429, headers={"Retry-After": "300"}))
    failed = await failure(gemini)
    assert "ask again in 5 minutes" in str(failed) and not failed.setup
    assert gemini.waits == []


async def test_no_second_attempt_once_words_were_shown(gemini: Scripted) -> None:
    gemini.script(Said([[text("Hel")], Break.CUT]))
    assert "broke off" in str(await failure(gemini))
    assert (gemini.waits, len(gemini.asked)) == ([], 1)


async def test_giving_up_after_a_few_attempts(gemini: Scripted) -> None:
    gemini.script(*[Said([[]], finish="MALFORMED_FUNCTION_CALL")] * 3)
    assert "no usable answer" in str(await failure(gemini))
    assert (len(gemini.waits), len(gemini.asked)) == (2, 3)


@pytest.mark.parametrize(
    ("trouble", "words", "setup"),
    [
        (Failure(429, details=[IN_7_S, DAILY]), "quota for today", True),
        (Failure(400, message="API key not valid. Please pass a valid API key."), "GEMINI_API_KEY", True),
        (Failure(403, "PERMISSION_DENIED"), "GEMINI_API_KEY", True),
        (Failure(400, "INVALID_ARGUMENT", "it quotes what somebody said"), "could not take in", False),
    ],
)
async def test_what_does_not_pass_is_told_at_once_with_its_cure(
    gemini: Scripted, trouble: Failure, words: str, setup: bool, caplog: pytest.LogCaptureFixture
) -> None:
    gemini.script(trouble)
    failed = await failure(gemini)
    assert words in str(failed) and failed.setup is setup
    assert gemini.waits == []
    assert "somebody said" not in f"{failed} {caplog.text}"


async def test_a_model_that_is_gone_is_replaced_once_and_remembered(gemini: Scripted) -> None:
    gemini.server.retired.add(MODEL)
    gemini.will_say("fine")
    gemini.will_say("again")
    reply, heard = await asked(gemini)
    assert heard[0] == ModelReplaced(MODEL, FALLBACK)
    assert reply.message is not None and reply.message["model"] == FALLBACK
    _, later = await asked(gemini)
    assert not any(isinstance(event, ModelReplaced) for event in later)
    assert [FALLBACK in each.path for each in gemini.asked] == [False, True, True]


async def test_a_model_is_replaced_in_mid_conversation_without_its_signatures(gemini: Scripted) -> None:
    gemini.will_call(("t", {}))
    first, _ = await asked(gemini, tools=[tool("t")])
    results = gemini.model.results([(first.calls[0], ToolResult("done"))])
    gemini.server.retired.add(MODEL)
    gemini.server.signatures.scripted.clear()  # the successor knows none of the old model's
    gemini.will_say("fine")
    assert first.message is not None
    reply, _ = await asked(gemini, [gemini.model.user("hi"), first.message, *results], tools=[tool("t")])
    assert reply.text == "fine"


async def test_the_last_model_has_no_successor(gemini: Scripted) -> None:
    gemini.server.retired |= {MODEL, FALLBACK}
    failed = await failure(gemini)
    assert FALLBACK in str(failed) and "GEMINI_MODEL" in str(failed) and failed.setup


async def test_a_blamed_tool_does_not_silence_the_rest(gemini: Scripted) -> None:
    gemini.script(Failure(400, "INVALID_ARGUMENT", "FunctionDeclaration 'b' in the request is too deep"))
    gemini.will_say("fine")
    reply, heard = await asked(gemini, tools=[tool("c"), tool("b"), tool("a")])
    assert heard[0] == ToolsLeftOut(("b",), NAMED)
    assert reply.text == "fine"
    declared = [each["name"] for each in gemini.asked[1].body["tools"][0]["functionDeclarations"]]
    assert declared == ["c", "a"]


async def test_tools_beyond_repair_are_set_aside_before_asking(gemini: Scripted) -> None:
    odd = tool("odd")
    odd.schema.update(type="string")
    gemini.will_say("fine")
    _, heard = await asked(gemini, tools=[odd, tool("a")])
    assert heard[0] == ToolsLeftOut(("odd",), "it does not take named values but: string")


async def test_an_older_api_that_knows_no_tools_is_left_for_the_newer(gemini: Scripted) -> None:
    gemini.script(Failure(400, "INVALID_ARGUMENT", 'Invalid JSON payload received. Unknown name "tools"'))
    gemini.will_say("fine")
    await asked(gemini, tools=[tool("a")])
    assert [each.path.split("/")[1] for each in gemini.asked] == ["v1", "v1beta"]


async def test_calls_can_be_forbidden_without_the_tools_being_forgotten(gemini: Scripted) -> None:
    gemini.will_say("fine")
    await asked(gemini, tools=[tool("a")], may_call=False, max_tokens=100)
    body = gemini.asked[0].body
    assert body["toolConfig"]["functionCallingConfig"] == {"mode": "NONE"}
    assert len(body["tools"][0]["functionDeclarations"]) == 1
    assert body["generationConfig"]["maxOutputTokens"] == 100


async def test_signatures_and_nulls_go_there_and_back_unchanged(gemini: Scripted) -> None:
    parts = [call("t", {"x": None}, id="1", signature=SIGNATURE), call("t", {}, id="2")]
    gemini.script(Said([[text("a "), text("b")], [text("c", SIGNATURE)], [text("d")], parts, [text("", SIGNATURE)]]))
    gemini.will_say("fine")
    first, _ = await asked(gemini)
    assert first.calls == (ToolCall("1", "t", {"x": None}), ToolCall("2", "t", {}))
    assert first.message is not None
    results = gemini.model.results([(each, ToolResult({"n": None})) for each in first.calls])
    reply, _ = await asked(gemini, [gemini.model.user("hi"), first.message, *results])
    assert reply.text == "fine"
    said, given = gemini.heard()[1]["parts"], gemini.responses()
    assert [part.get("text") for part in said] == ["a b", "c", "d", None, None, ""]
    assert said[3]["functionCall"]["args"] == {"x": None}
    assert given[0]["response"] == {"output": {"n": None}}


async def test_what_is_null_is_not_there(gemini: Scripted) -> None:
    bill = {
        "promptTokenCount": "7",
        "cachedContentTokenCount": None,
        "candidatesTokenCount": float("inf"),
        "promptTokensDetails": [None],
    }
    gemini.script(Said([[{"text": None, "functionCall": {"id": None, "name": "t", "args": None}}]], usage=bill))
    reply, heard = await asked(gemini, tools=[tool("t")])
    assert reply.calls == (ToolCall("", "t", {}),) and heard == [Spent(MODEL, 7, 0, 0)]
    assert reply.message and reply.message["parts"] == [{"functionCall": {"name": "t"}}]


async def test_half_a_surrogate_becomes_a_character_that_can_be_kept(gemini: Scripted) -> None:
    half, whole = "\ud83d", "\N{GRINNING FACE}"
    gemini.script(Said([[thought(half)], [text(f"a{half} {whole}")], [call("t", {half: [half]}, id="1")]]))
    reply, heard = await asked(gemini, tools=[tool("t")])
    assert heard[:2] == [Thinking("\ufffd"), Delta(f"a\ufffd {whole}")]
    assert reply.text == f"a\ufffd {whole}"
    assert list(reply.calls[0].arguments.values()) == [["\ufffd"]]
    json.dumps([reply.message, reply.calls[0].arguments], ensure_ascii=False).encode()


async def test_half_a_surrogate_on_its_way_to_the_model_stops_no_turn(gemini: Scripted) -> None:
    gemini.will_say("fine")
    odd = replace(tool("t"), description="does \ud83d", schema={"properties": {"\udc00": {"title": "\udc00"}}})
    reply, _ = await asked(gemini, [gemini.model.user("hi \ud83d")], instructions="be \ud83d", tools=[odd])
    assert reply.text == "fine"
    assert "\ufffd" in gemini.heard()[0]["parts"][0]["text"]
