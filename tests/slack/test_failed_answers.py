"""An answer that failed: a plain sentence, a next step that works once, and last by what the log tells more."""

import logging

import pytest

from bot.slack.screens.turns import failed
from playground.gemini import Failure
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, Usher, said

AWAY = [Failure(503, "UNAVAILABLE", "overloaded")] * 8


async def test_it_is_asked_again_once_by_its_member_and_the_reference_finds_the_line_of_the_log(
    usher: Usher, caplog: pytest.LogCaptureFixture
) -> None:
    usher.gemini.script(*AWAY)
    with caplog.at_level(logging.WARNING):
        ts = await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> what time is it?")
        told = await usher.message_with("The model is overloaded", GENERAL)
    [*_, last] = told["blocks"]
    reference = last["elements"][0]["text"].removeprefix("Reference `").rstrip("`")
    [line] = [each.getMessage() for each in caplog.records if "failed: " in each.getMessage()]
    assert len(reference) == 8 and f"{reference} failed: overloaded" in line
    usher.gemini.server.script.clear()

    await usher.press(told, failed.AGAIN, person=MEMBER)
    await usher.slack.when(lambda: "Only the member who asked can ask again" in str(usher.slack.calls))
    before = len(usher.gemini.asked)
    usher.gemini.will_say("Noon.")
    await usher.press(told, failed.AGAIN)
    answer = await usher.message_with("Noon.", GENERAL)
    assert answer["thread_ts"] == ts and "what time is it?" in str(usher.gemini.heard())
    await usher.press(told, failed.AGAIN)
    assert len(usher.gemini.asked) == before + 1 and failed.AGAIN not in said(answer)
    assert usher.slack.refusals == []


async def test_what_only_an_administrator_can_mend_has_a_reference_and_no_button(usher: Usher) -> None:
    usher.gemini.script(*[Failure(403, "PERMISSION_DENIED", "no")] * 4)
    await usher.slack.person_says(OWNER, DM, "hi")
    told = await usher.message_with("The administrators can mend that")
    assert "Reference `" in said(told) and failed.AGAIN not in said(told)


async def test_a_click_that_fails_can_be_made_again_and_names_its_reference_last(
    usher: Usher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usher.gemini.script(*AWAY)
    await usher.slack.person_says(OWNER, DM, "hi")
    told = await usher.message_with("The model is overloaded")

    async def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(usher.services.chats, "once_more", broken)
    await usher.press(told, failed.AGAIN)
    sorry = await usher.message_with("Something went wrong on our side")
    kinds = [block["type"] for block in sorry["blocks"]]
    assert kinds == ["section", "actions", "context"] and "disk" not in said(sorry)
    reference = sorry["blocks"][-1]["elements"][0]["text"]
    assert reference.removeprefix("Reference `").rstrip("`") in caplog.text
    monkeypatch.undo()
    usher.gemini.server.script.clear()
    usher.gemini.will_say("Hello.")
    await usher.press(sorry, failed.AGAIN)
    await usher.message_with("Hello.")
