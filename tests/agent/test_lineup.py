"""Models differ in what they accept, and retire."""

from typing import Any

import pytest

from bot.agent.gemini import Gemini
from bot.agent.gemini.known_models import KnownModels, ModelCard
from tests.support.gemini import FALLBACK, MODEL, Scripted


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (MODEL, {"thinkingBudget": -1}),
        (FALLBACK, {"thinkingLevel": "MINIMAL"}),
        ("gemini-3.8-flash", {"thinkingLevel": "LOW"}),
    ],
)
async def test_thinking_is_asked_for_as_each_model_wants_it(gemini: Scripted, name: str, sent: Any) -> None:
    gemini.will_say("hm")
    model = Gemini("key", name, "", base_url=gemini.server.url)
    async for _ in model.reply([model.user("hi")], (), instructions=""):
        pass
    await model.close()
    thinking = gemini.asked[0].body["generationConfig"]["thinkingConfig"]
    assert {key.replace("_b", "B").replace("_l", "L"): value for key, value in thinking.items()} == sent


def test_a_successor_takes_over_once() -> None:
    lineup = KnownModels([MODEL, FALLBACK])
    assert lineup.current.name == MODEL
    assert lineup.retire(MODEL) and lineup.current.media_in_results
    assert not lineup.retire(MODEL), "another turn has done so before"
    assert not lineup.retire(FALLBACK) and lineup.current.name == FALLBACK


@pytest.mark.parametrize("names", [[MODEL, MODEL], [MODEL, ""]])
def test_a_model_does_not_succeed_itself(names: list[str]) -> None:
    assert not KnownModels(names).retire(MODEL)


def test_an_unknown_model_gets_nothing_it_might_refuse() -> None:
    assert KnownModels(["gemini-9"]).current == ModelCard("gemini-9", {}, False)
