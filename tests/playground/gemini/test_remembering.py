"""The demo model notes, searches, reminds and looks for tools where these are offered: so `make try` shows them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.agent.finding import offered
from bot.agent.notes import of_member, of_notes
from bot.tool_server.memory_tools import FOUND
from playground.gemini.demo.telling.memories import remembered
from tests.playground.gemini.chat import Chat
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool

NOTE = of_member(datetime(2026, 11, 29, 15, 13, tzinfo=UTC), UTC)


def house() -> Toolbox:
    return Toolbox(
        tool("usher__remember", note=str),
        tool("usher__search_memory", query=str),
        tool("usher__remind_me", about=str, at=str, in_minutes={"type": "integer"}),
    )


@pytest.mark.parametrize(
    ("words", "name", "arguments"),
    [
        ("Remember that I prefer Celsius.", "remember", {"note": "I prefer Celsius"}),
        ("search my conversations for the Acme invoice", "search_memory", {"query": "the Acme invoice"}),
        ("what did I say about the Tokyo office?", "search_memory", {"query": "the Tokyo office"}),
        ("remind me tomorrow at 9 to call Kim", "remind_me", {"about": "call Kim", "at": "2026-11-30 09:00"}),
        ("remind me to call Kim at 5 pm", "remind_me", {"about": "call Kim", "at": "2026-11-29 17:00"}),
        ("remind me to call Kim at 9:30", "remind_me", {"about": "call Kim", "at": "2026-11-30 09:30"}),
        ("remind me in 20 minutes to stretch", "remind_me", {"about": "stretch", "in_minutes": 20}),
    ],
)
async def test_what_is_asked_is_done_with_the_members_own_words(
    demo: Scripted, words: str, name: str, arguments: dict[str, Any]
) -> None:
    tools = house()
    await Chat(demo, tools, note=NOTE).says(words)
    assert [(call.name, call.arguments) for call in tools.called] == [(f"usher__{name}", arguments)]


def test_what_was_found_in_memory_is_quoted_with_its_day_and_source_and_without_what_is_told_to_models() -> None:
    link = "https://local.slack.com/archives/D1/p1795986495330242"
    said = f"[2026-11-29, said by the member, {link}]\n> Call the Tokyo office\n> at nine."
    tool_gave = "[2026-11-28, Notes: Add a note (text: tea)]\n> Added “tea”."
    assert remembered("\n\n".join([FOUND, said, tool_gave])) == (
        "Found in your past conversations:\n\n"
        f"- 29 November 2026, you said, in [this thread]({link}): “Call the Tokyo office at nine.”\n"
        "- 28 November 2026, Notes: Add a note (text: tea): “Added “tea”.”"
    )
    assert remembered("Nothing like it was found in the member's past conversations.") is None


async def test_what_it_was_asked_to_remember_is_no_question_of_anybodys(demo: Scripted) -> None:
    chat = Chat(demo, Toolbox(), note=NOTE)
    chat.history.append(demo.model.user(of_notes([("3a1182", "I prefer Celsius", "2026-11-29")])))
    assert "first thing" in await chat.says("what did I ask first?")


@pytest.mark.parametrize("words", ["don't remember that I like tea", "do you remember that?", "what is memory?"])
async def test_what_was_not_asked_for_is_not_done(demo: Scripted, words: str) -> None:
    tools = house()
    await Chat(demo, tools, note=NOTE).says(words)
    assert tools.called == []


async def test_without_an_hour_it_asks_for_one(demo: Scripted) -> None:
    tools = house()
    answer = await Chat(demo, tools, note=NOTE).says("remind me to call Kim")
    assert tools.called == [] and "remind me tomorrow at 9 to call Kim" in answer


async def test_a_tool_that_is_not_declared_is_found_and_called(demo: Scripted) -> None:
    many = [
        replace(tool(f"atlas__{verb}_{thing}"), server="Atlas", description=f"To {verb} {thing}.", reads=True)
        for verb in ("list", "count", "export")
        for thing in ("issues", "pages", "labels", "invoices", "runners", "branches", "releases", *"abcdefghijklmnopq")
    ]

    async def used() -> dict[str, int]:
        return {}

    box = Toolbox(*many)
    words = "list my invoices"
    tools = await offered(box, many, demo.model, [], "good morning", used)
    chat = Chat(demo, tools, note=NOTE)
    await chat.says(words)
    assert [call.name for call in chat.started] == ["usher__find_tools", "atlas__list_invoices"]
    await chat.says("juggle the moon")
    assert [call.name for call in chat.started][2:] in ([], ["usher__find_tools"]), "it looks once, and says so"
