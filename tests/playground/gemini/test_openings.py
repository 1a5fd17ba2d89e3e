"""The demo model never embarrasses: tables of what people say, held against what they hear and what is called."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.agent.notes import of_guest
from bot.agent.prompt import instructions_for_guest
from mcp_runtime.tools.tools import ToolResult, Toolset
from playground.gemini.demo.conversation import NAME
from playground.gemini.demo.talking.honesty import SHORT
from storage.schema import now
from tests.playground.gemini.chat import NOTE, TOLD, Chat
from tests.playground.gemini.conversations import FOLLOW_UPS, GUESTS
from tests.playground.gemini.kinds import Said
from tests.playground.gemini.manners import embarrassing, introduced_first, introductions
from tests.playground.gemini.newcomers import (
    GUESTS_WITH_NOTES,
    GUESTS_WITHOUT_NOTES,
    MORE_FOLLOW_UPS,
    MORE_OPENINGS,
    UNCONNECTED,
    WRITTEN,
)
from tests.playground.gemini.office import office
from tests.playground.gemini.openings import OPENINGS
from tests.playground.gemini.strangers import STRANGERS
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool

AS_GUEST = instructions_for_guest(
    title="Website support",
    purpose="Questions about opening hours and prices",
    instructions="The discount code is SESAME. Promise no refund.",
)
WITHOUT_NOTES = instructions_for_guest(title="Website support")
VISITOR = of_guest(now(), guest="Visitor", ends_at=now() + timedelta(hours=20))
NOBODY = of_guest(now(), ends_at=now() + timedelta(hours=20))


async def wrong(demo: Scripted, tools: Toolset, turns: Sequence[Said], told: str = TOLD, note: str = NOTE) -> list[str]:
    """One conversation; what is not as its table says, and what would embarrass in any."""
    chat, answers, found = Chat(demo, tools, told, note), [], []
    for turn in turns:
        before = len(chat.started)
        answer = await chat.says(turn.words, allow=turn.allow)
        answers.append(answer)
        called = [(call.name, call.arguments) for call in chat.started[before:]]
        found += [f"called {called}"] if called != turn.calls and turn.allow else []
        found += [f"without “{each}”" for each in turn.says if each not in answer]
        found += [f"with “{each}”" for each in turn.never if each in answer]
        found += embarrassing(answer)
        if found:
            return [f"“{turn.words[:60]}” got “{answer}”: {'; '.join(found)}"]
    once = introduced_first(answers) and introductions(answers) <= 1
    return [] if once else [f"“{turns[0].words[:60]}”: {introductions(answers)} introductions"]


ALL = OPENINGS | STRANGERS | {"more": MORE_OPENINGS}
TALKS = FOLLOW_UPS | MORE_FOLLOW_UPS


@pytest.mark.parametrize("group", ALL)
async def test_an_opening_gets_its_right_kind_of_answer(demo: Scripted, tmp_path: Path, group: str) -> None:
    problems: list[str] = []
    async with office(tmp_path) as tools:
        for opening in ALL[group]:
            tools.tidy()
            problems += await wrong(demo, tools, [opening])
    assert problems == []


@pytest.mark.parametrize("opening", UNCONNECTED, ids=lambda each: each.words)
async def test_what_is_not_connected_yet_is_named_with_its_command(
    demo: Scripted, tmp_path: Path, opening: Said
) -> None:
    async with office(tmp_path) as tools:
        tools.tools = tools.own
        assert await wrong(demo, tools, [opening]) == []


@pytest.mark.parametrize("name", TALKS)
async def test_a_follow_up_uses_the_turns_before(demo: Scripted, tmp_path: Path, name: str) -> None:
    async with office(tmp_path) as tools:
        tools.tidy()
        assert await wrong(demo, tools, TALKS[name]) == []


@pytest.mark.parametrize("name", GUESTS | GUESTS_WITH_NOTES)
async def test_a_guest_has_a_sensible_conversation(demo: Scripted, name: str) -> None:
    assert await wrong(demo, Toolbox(), (GUESTS | GUESTS_WITH_NOTES)[name], AS_GUEST, VISITOR) == []


@pytest.mark.parametrize("name", GUESTS_WITHOUT_NOTES)
async def test_a_guest_hears_of_no_notes_where_there_are_none(demo: Scripted, name: str) -> None:
    assert await wrong(demo, Toolbox(), GUESTS_WITHOUT_NOTES[name], WITHOUT_NOTES, NOBODY) == []


@pytest.mark.parametrize("name", WRITTEN)
async def test_links_are_found_in_a_list_that_is_written_out(demo: Scripted, name: str) -> None:
    titles, turns = WRITTEN[name]

    async def listed(arguments: dict[str, Any]) -> ToolResult:
        lines = [f"- “{title}”: 0 of 1 guest so far, ends on Saturday, 05 December 2026." for title in titles]
        return ToolResult("\n".join(lines) or "No chat link is alive.")

    async def revoked(arguments: dict[str, Any]) -> ToolResult:
        return ToolResult(f"The chat link “{arguments['title']}” is revoked, for good.")

    own = tool("usher__list_temporary_chat_links"), tool("usher__revoke_temporary_chat_link", title=str)
    tools = Toolbox(*own, usher__list_temporary_chat_links=listed, usher__revoke_temporary_chat_link=revoked)
    assert await wrong(demo, tools, turns) == []


def test_there_are_enough_openings_and_none_twice() -> None:
    words = [opening.words for group in OPENINGS.values() for opening in group]
    strangers = [opening.words for group in STRANGERS.values() for opening in group]
    assert len(words) >= 60 and len(strangers) >= 60
    assert len({*words, *strangers}) == len(words) + len(strangers)


@pytest.mark.parametrize(
    "answer",
    [
        '{"title": "x"}.',
        "usher__create_temporary_chat_link is done.",
        "The answer is None.",
        "It expires 2026-12-05T10:00+00:00.",
        "The URL was shown. You do not know it; do not make one up.",
        "The tool of Notes failed.",
        "No full stop here",
        "Short.",
        "word " * 300 + ".",
        "This is **bold and stays so.",
    ],
)
def test_what_would_embarrass_is_noticed(answer: str) -> None:
    assert embarrassing(answer)


def test_an_introduction_is_short() -> None:
    assert len(SHORT) < 60


def test_introductions_are_counted() -> None:
    assert introductions([f"Yes.\n\n_I am the {NAME}._", "Hello."]) == 1
