"""Guests are answered in the language of their browser, and in no mixture."""

import re
from datetime import timedelta

import pytest

from bot import words
from bot.services.limits import rates
from bot.words import LANGUAGES
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House

OTHERS = [code for code in LANGUAGES if code != "en"]
GERMAN = "de-CH,de;q=0.9,en;q=0.5"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_invitation_speaks_its_readers_language(house: House, language: str) -> None:
    link = await house.link(title="Trip")
    page = await Caller(house.url, language).ask("GET", link.url, headers=PAGE)
    told = words.of(language)
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
    assert told("invitation.start") in page.text
    assert told.html("invitation.secrets") in page.text
    assert not re.findall(r"\{\w+\}", page.text.partition("<main")[2])


async def test_what_a_guest_agreed_to_is_kept_as_they_read_it(house: House) -> None:
    link = await house.link(max_sessions=2)
    for language in ("de", "ja"):
        assert (await Caller(house.url, language).start(link.url)).status == 201
    async with house.db.read() as tables:
        sessions = await tables.sessions.of(link.link.workspace_id, link.link.id)
    hashes = {session.consent["text"] for session in sessions}
    assert len(hashes) == 2


async def test_the_dead_page_speaks_the_browsers_language_and_is_the_same_for_every_dead_link(house: House) -> None:
    unknown = await Caller(house.url, GERMAN).ask("GET", "/temp-chat/tc_nothing", headers=PAGE)
    elsewhere = await Caller(house.url, GERMAN).ask("GET", "/nowhere", headers=PAGE)
    assert words.of("de")("dead.heading") in unknown.text
    assert unknown.text == elsewhere.text


async def test_a_refusal_of_a_request_is_put_in_words_too(house: House) -> None:
    link = await house.link()
    caller = Caller(house.url, GERMAN)
    answer = await caller.ask("POST", f"{link.url}/start", data="{", headers={"Content-Type": "text/x"})
    assert answer.json["text"] == words.of("de")("refused.type")


async def test_pages_for_members_stay_in_one_language(house: House) -> None:
    page = await Caller(house.url, GERMAN).ask("GET", "/connect/unknown", headers=PAGE)
    assert '<html lang="en" dir="ltr">' in page.text
    assert "Hinweise" not in page.text


async def test_what_a_limit_says_is_told_in_the_guests_language_and_when_it_lifts_by_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await house.link()
    caller = Caller(house.url, GERMAN)
    await caller.start(link.url)
    german = words.of("de")
    long = (await caller.say("x" * 4001)).json
    assert long["text"] == german("refused.too_long", most=4000, has=4001)
    assert "4.001" in long["text"]
    at = rates.microseconds()
    monkeypatch.setattr(rates, "microseconds", lambda: at)  # it stands still, or a slow machine would not be too fast
    await caller.say("Hallo")
    fast = (await caller.say("Hallo?")).json
    assert fast["limit"] == german("refused.too_fast", most=1)
    assert fast["text"] == f"{fast['limit']} {german('refused.again', wait=timedelta(seconds=1))}"


async def test_a_page_without_scripts_tells_a_refusal_in_the_guests_language(house: House) -> None:
    link = await house.link()
    caller = Caller(house.url, "ja")
    await caller.start(link.url)
    form = (await caller.ask("GET", caller.chat, headers=PAGE)).hidden("form")
    said = {"form": form, "text": " ", "client_id": "client-id-1"}
    page = await caller.ask("POST", caller.chat + "messages", data=said, headers=PAGE)
    assert words.of("ja")("refused.empty") in page.text


async def test_a_link_speaks_the_language_that_its_creator_chose_whatever_the_browser_asks_for(house: House) -> None:
    link = await house.link(language="ar")
    caller = Caller(house.url, GERMAN)
    arabic = words.of("ar")
    assert arabic("invitation.start") in (await caller.ask("GET", link.url, headers=PAGE)).text
    refused = await caller.ask("POST", link.url + "/start", json={"key": "k" * 22})
    assert refused.json["text"] == arabic("refused.consent")
    await caller.start(link.url)
    page = await caller.ask("GET", caller.chat, headers=PAGE)
    assert '<html lang="ar" dir="rtl">' in page.text
    assert arabic("chat.write") in page.text
    assert (await caller.say(" ")).json["text"] == arabic("refused.empty")
    gone = await Caller(house.url, GERMAN).ask("GET", link.url, headers=PAGE)
    assert words.of("de")("dead.heading") in gone.text


async def test_the_language_that_a_guest_was_spoken_to_in_is_kept_with_their_chat(house: House) -> None:
    link = await house.link()
    await Caller(house.url, "fr").start(link.url)
    async with house.db.read() as tables:
        (session,) = await tables.sessions.of(link.link.workspace_id, link.link.id)
    assert session.language == "fr"
