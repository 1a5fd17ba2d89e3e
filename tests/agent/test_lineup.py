"""Models differ in what they accept, and retire."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.agent.events import ModelReplaced
from bot.agent.gemini import Gemini
from bot.agent.gemini.known_models import KnownModels, ModelCard, overdue, path_of
from tests.support.gemini import FALLBACK, MODEL, Scripted, before


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (MODEL, {"thinkingBudget": -1}),
        (FALLBACK, {"thinkingLevel": "MINIMAL"}),
        ("gemini-3.8-flash", {"thinkingLevel": "LOW"}),
        (f"models/{MODEL}", {"thinkingBudget": -1}),
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
    lineup = KnownModels([MODEL, FALLBACK], before)
    assert lineup.current.name == MODEL
    assert lineup.retire(MODEL) and lineup.current.media_in_results
    assert not lineup.retire(MODEL), "another turn has done so before"
    assert not lineup.retire(FALLBACK) and lineup.current.name == FALLBACK


@pytest.mark.parametrize("names", [[MODEL, MODEL], [MODEL, ""]])
def test_a_model_does_not_succeed_itself(names: list[str]) -> None:
    assert not KnownModels(names).retire(MODEL)


@pytest.mark.parametrize(
    ("name", "path"),
    [("gemini-9", "models/gemini-9"), ("models/gemini-9", "models/gemini-9"), ("tunedModels/my-9", "tunedModels/my-9")],
)
def test_a_model_may_be_named_as_googles_lists_name_it(name: str, path: str) -> None:
    assert path_of(KnownModels([name]).current.name) == path


def test_an_unknown_model_gets_nothing_it_might_refuse() -> None:
    assert KnownModels(["gemini-9"]).current == ModelCard("gemini-9", {}, False)


LAST_DAY = date(2026, 11, 30)
GONE = date(2026, 12, 1)


@pytest.mark.parametrize(("today", "asked"), [(LAST_DAY, MODEL), (GONE, FALLBACK), (date(2030, 1, 1), FALLBACK)])
async def test_from_its_last_day_on_a_model_is_not_asked_any_more(gemini: Scripted, today: date, asked: str) -> None:
    if today >= GONE:
        gemini.server.retired.add(MODEL)
    gemini.will_say("hm")
    model = Gemini("key", MODEL, FALLBACK, base_url=gemini.server.url, today=lambda: today)
    heard = [event async for event in model.reply([model.user("hi")], (), instructions="")]
    await model.close()
    assert [each.path.rpartition("/")[2].partition(":")[0] for each in gemini.asked] == [asked], "no request is lost"
    assert not any(isinstance(event, ModelReplaced) for event in heard), "nobody is warned of it"


def test_a_process_that_lives_through_the_day_changes_the_model_by_itself() -> None:
    today = LAST_DAY
    lineup = KnownModels([MODEL, FALLBACK], lambda: today)
    assert lineup.current.name == MODEL
    today += timedelta(days=1)
    assert lineup.current.name == FALLBACK


def test_the_only_model_there_is_is_asked_whatever_the_day() -> None:
    assert KnownModels([MODEL, ""], lambda: GONE).current.name == MODEL
    assert "no other model is set" in (overdue(MODEL, MODEL, GONE) or "")


def test_who_chose_a_model_is_told_when_its_time_is_over() -> None:
    assert overdue(MODEL, FALLBACK, LAST_DAY) is None and overdue("gemini-9", FALLBACK, GONE) is None
    assert overdue(MODEL, FALLBACK, GONE) == f"{MODEL} was shut down on 2026-12-01; {FALLBACK} is asked instead"
