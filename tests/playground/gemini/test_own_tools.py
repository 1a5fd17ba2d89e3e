"""The demo model uses Usher's own tools for connections, when they are offered and when it is asked to."""

from typing import Any

import pytest

from mcp_runtime.tools.tools import ToolResult
from tests.playground.gemini.chat import Chat
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool


async def _offered(arguments: dict[str, Any]) -> ToolResult:
    service = arguments.get("service") or "a tool of their choice"
    return ToolResult(f"The member now sees a button that connects {service}. It waits until they press it.")


async def _ended(arguments: dict[str, Any]) -> ToolResult:
    return ToolResult(f"{arguments['connection']} is disconnected. The member sees a button to undo it, for a minute.")


def house() -> Toolbox:
    """Notes is connected; the rest is Usher's own."""
    return Toolbox(
        tool("notes__list_notes"),
        tool("usher__create_temporary_chat_link", title=str),
        tool("usher__list_connections"),
        tool("usher__list_tools_of_connections"),
        tool("usher__offer_to_connect"),
        tool("usher__disconnect_tool", guarded=True, connection=str),
        usher__offer_to_connect=_offered,
        usher__disconnect_tool=_ended,
    )


@pytest.mark.parametrize("words", ["disconnect Notes", "Please disconnect my Notes.", "unlink the Notes connection"])
async def test_disconnect_is_done_after_a_yes_and_told_to_the_person(demo: Scripted, words: str) -> None:
    tools = house()
    answer = await (chat := Chat(demo, tools)).says(words)
    assert [(call.name, call.arguments) for call in tools.called] == [
        ("usher__disconnect_tool", {"connection": "Notes"})
    ]
    assert chat.asked == ["usher__disconnect_tool"]
    assert "You now see a button to undo it" in answer and "member" not in answer


@pytest.mark.parametrize(
    ("words", "service"),
    [
        ("connect Calendar", "Calendar"),
        ("sign in to GitHub", "GitHub"),
        ("set up Time", "Time"),
        ("How do I connect Notion?", "Notion"),
        ("connect Jira", "Atlassian"),
    ],
)
async def test_connect_shows_the_button_of_that_card(demo: Scripted, words: str, service: str) -> None:
    tools = house()
    answer = await Chat(demo, tools).says(words)
    assert [(call.name, call.arguments) for call in tools.called] == [("usher__offer_to_connect", {"service": service})]
    assert f"You now see a button that connects {service}" in answer and "you press it" in answer


@pytest.mark.parametrize(
    "words",
    ["how do I disconnect Notes?", "don't disconnect Notes", "disconnect it", "connect Notes", "don't connect GitHub"],
)
async def test_nothing_is_done_from_a_question_or_when_it_is_not_said_what(demo: Scripted, words: str) -> None:
    tools = house()
    await Chat(demo, tools).says(words)
    assert tools.called == []


async def test_what_can_be_done_keeps_links_and_connections_apart(demo: Scripted) -> None:
    answer = await Chat(demo, house()).says("which tools do I have")
    assert "**Your connections**: disconnect a tool, list connections, list their tools and connect a tool" in answer
    assert "**Chat links**: create a temporary chat link\n" in answer


@pytest.mark.parametrize(
    ("words", "service"),
    [
        ("what is in my calendar tomorrow?", "Calendar"),
        ("what time is it in Tokyo?", "Time"),
        ("show my github issues", "GitHub"),
        ("create an issue: login is broken", "GitHub"),
        ("was steht heute in meinem Kalender?", "Calendar"),
    ],
)
async def test_who_asks_for_what_a_card_would_bring_sees_its_button(demo: Scripted, words: str, service: str) -> None:
    tools = house()
    answer = await Chat(demo, tools).says(words)
    assert [(call.name, call.arguments) for call in tools.called] == [("usher__offer_to_connect", {"service": service})]
    assert f"You now see a button that connects {service}" in answer and f"{service} is not connected yet" in answer


@pytest.mark.parametrize("words", ["How do I connect a tool?", "connect a tool", "connect tools"])
async def test_who_does_not_say_what_to_connect_sees_all_there_is(demo: Scripted, words: str) -> None:
    tools = house()
    answer = await Chat(demo, tools).says(words)
    assert [(call.name, call.arguments) for call in tools.called] == [("usher__offer_to_connect", {})]
    assert "Time takes one click" in answer


async def test_what_has_no_card_is_told_in_words(demo: Scripted) -> None:
    tools = house()
    assert "`/mcp connect custom`" in await Chat(demo, tools).says("connect Salesforce")
    assert tools.called == []
