"""Whatever happened to a conversation, the next request is one the server accepts."""

import base64
from typing import Any

import pytest

from bot.agent.gemini.history import LOST, PLACEHOLDER, fit_for, paired
from bot.agent.gemini.known_models import CARDS
from tests.support.gemini import FALLBACK, MODEL, SIGNATURE, Scripted

Message = dict[str, Any]
PNG = {"inlineData": {"mimeType": "image/png", "data": base64.urlsafe_b64encode(b"\x89PNG\xff\xfe").decode()}}


def says(words: str) -> Message:
    return {"role": "user", "parts": [{"text": words}]}


def calls(*ids: str, signature: str = PLACEHOLDER, model: str = MODEL) -> Message:
    parts: list[Any] = [
        {"functionCall": {**({"id": each} if each else {}), "name": "t", "args": {}}, "thoughtSignature": signature}
        for each in ids
    ]
    for part in parts[1:]:
        del part["thoughtSignature"]
    return {"role": "model", "model": model, "parts": parts}


def answer(words: str) -> Message:
    return {"role": "model", "model": MODEL, "parts": [{"text": words}]}


def response(id: str, output: Any = 1, **more: Any) -> Message:
    return {"functionResponse": {**({"id": id} if id else {}), "name": "t", "response": {"output": output}, **more}}


def results(*parts: Message) -> Message:
    return {"role": "user", "parts": list(parts)}


async def accepted(gemini: Scripted, history: list[Message]) -> None:
    gemini.will_say("fine")
    heard = [event async for event in gemini.model.reply(history, (), instructions="")]
    assert heard[-1].text == "fine"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "history",
    [
        [says("hi"), calls("1", "2")],
        [says("hi"), calls("1", "2"), says("never mind")],
        [says("hi"), calls("1", "2"), results(response("2"))],
        [says("hi"), calls("1", "2"), results(response("2"), response("1"), response("3"))],
        [says("hi"), calls("1"), calls("2")],
        [says("hi"), results(response("1"))],
        [results(response("1")), answer("3"), says("hi")],
        [says("hi"), {"role": "model", "parts": []}, says("again")],
        [says("hi"), calls("", ""), results(response(""), response(""))],
        [says("hi"), calls("1", signature="b2xk", model="elsewhere"), results(response("1"))],
        [says("hi"), calls("1"), results(response("1", parts=[PNG]))],
    ],
)
async def test_any_wreck_is_repaired(gemini: Scripted, history: list[Message]) -> None:
    await accepted(gemini, history)


def test_what_is_known_is_kept_and_what_is_lost_is_said() -> None:
    repaired = paired([says("hi"), calls("1", "2"), results(response("2"))])
    found = [part["functionResponse"] for part in repaired[2]["parts"]]
    assert [(each["id"], each["response"]) for each in found] == [("1", {"error": LOST}), ("2", {"output": 1})]


def test_calls_without_ids_are_told_apart_by_order() -> None:
    repaired = paired([says("hi"), calls("", ""), results(response("", 1), response("", 2))])
    assert [part["functionResponse"]["response"]["output"] for part in repaired[2]["parts"]] == [1, 2]


def test_a_sound_history_is_left_alone() -> None:
    sound = [says("hi"), calls("1"), results(response("1")), answer("3"), says("ok")]
    assert paired(sound) == sound


def test_another_models_signatures_are_replaced_by_googles_own_word() -> None:
    signed = {"text": "", "thoughtSignature": "b2xk"}
    other = calls("1", "2", signature="b2xk", model="elsewhere")
    other["parts"].append(signed)
    sent = fit_for(CARDS[MODEL], [says("hi"), other, results(response("1"), response("2"))])
    assert [part.get("thoughtSignature") for part in sent[1]["parts"]] == [PLACEHOLDER, None]


def test_a_models_own_signatures_are_not_touched() -> None:
    own = base64.urlsafe_b64encode(SIGNATURE).decode()
    sent = fit_for(CARDS[MODEL], [says("hi"), calls("1", signature=own), results(response("1"))])
    assert sent[1]["parts"][0]["thoughtSignature"] == own


@pytest.mark.parametrize(("model", "inside"), [(MODEL, False), (FALLBACK, True)])
def test_files_travel_as_each_model_wants_them(model: str, inside: bool) -> None:
    sent = fit_for(CARDS[model], [says("hi"), calls("1"), results(response("1", parts=[PNG]))])
    assert ("parts" in sent[2]["parts"][0]["functionResponse"]) is inside
    assert sent[3:] == ([] if inside else [results({"text": "[file returned by t]"}, PNG)])
