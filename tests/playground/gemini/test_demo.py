"""The offline demo model drives real tools through the product's own loop, and is honest about it."""

from pathlib import Path
from typing import Any

import pytest

from bot.agent.prompt import instructions_for_guest
from bot.agent.summary import fold
from mcp_runtime.tools.tools import Tool, ToolResult, Toolset
from playground.gemini.demo.conversation import NAME
from tests.playground.gemini.chat import Chat
from tests.playground.gemini.served import Served, served
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool


async def test_it_says_what_time_it_is_in_tokyo(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        answer = await Chat(demo, tools).says("what time is it in Tokyo?")
    assert tools.called == [("time__get_current_time", {"timezone": "Asia/Tokyo"})]
    assert "In Tokyo it is **" in answer


async def test_two_cities_are_two_calls_side_by_side(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        chat = Chat(demo, tools)
        answer = await chat.says("what time is it in Berlin and in New York?")
    assert [call.arguments["timezone"] for call in chat.started] == ["Europe/Berlin", "America/New_York"]
    assert len(demo.responses(1)) == 2, "both went back in one content"
    assert "In Berlin" in answer and "In New York" in answer


async def test_it_converts_a_time(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        answer = await Chat(demo, tools).says("when it is 3pm in Berlin, what time is it in Tokyo?")
    assert tools.called[0][0] == "time__convert_time"
    assert "**3:00 pm** in Berlin is **" in answer


async def test_a_note_lives_from_its_adding_to_its_deleting(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        chat = Chat(demo, tools)
        assert "Added the note “water the plants”" in await chat.says("add a note: water the plants")
        assert "- water the plants" in await chat.says("list my notes")
        assert "> water the plants" in await chat.says("read the note water the plants")
        assert "Deleted the note" in await chat.says("delete the note water the plants")
        assert "no notes yet" in await chat.says("list my notes")
    assert chat.asked == [
        f"notes__{name}" for name in ("add_note", "list_notes", "read_note", "delete_note", "list_notes")
    ]


async def test_a_free_and_a_guarded_call_of_one_question_wait_together(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        chat = Chat(demo, tools)
        answer = await chat.says("what time is it in Tokyo and add a note: call them")
    assert chat.asked == ["time__get_current_time", "notes__add_note"]
    assert "In Tokyo" in answer and "call them" in answer


async def test_a_refusal_is_accepted_and_said(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        answer = await Chat(demo, tools).says("add a note: water the plants", allow=False)
    assert tools.called == []
    assert "Nothing was changed" in answer


async def test_a_tools_failure_is_said_in_its_own_words(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        answer = await Chat(demo, tools).says("delete the note shopping")
    assert "could not delete the note" in answer and "There is no note “shopping”" in answer


LINK = Tool(
    "usher__create_temporary_chat_link",
    "Usher: Create chat link",
    "Make a temporary link.",
    {
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 120},
            "description": {"type": "string", "default": ""},
            "expires_in_hours": {"type": "number", "exclusiveMinimum": 0, "default": 24},
            "max_sessions": {"type": "integer", "minimum": 1, "default": 1},
        },
        "required": ["title"],
    },
)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("make a chat link for a candidate, valid 2 hours", {"title": "Candidate", "expires_in_hours": 2}),
        ("create a temporary chat link titled “Talk” for 3 guests", {"title": "Talk", "max_sessions": 3}),
        ("please make me a link for an interview", {"title": "Interview"}),
    ],
)
async def test_it_makes_chat_links(demo: Scripted, words: str, arguments: dict[str, Any]) -> None:
    tools = Toolbox(
        LINK, tool("usher__list_temporary_chat_links"), tool("usher__revoke_temporary_chat_link", title=str)
    )
    await Chat(demo, tools).says(words)
    assert [(call.name, call.arguments) for call in tools.called] == [("usher__create_temporary_chat_link", arguments)]


async def test_it_lists_the_tools_it_has(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        answer = await Chat(demo, tools).says("what tools do I have?")
    assert "**Time**: convert a time and get the current time" in answer
    assert "**Notes**: add a note, delete a note, list notes and read a note" in answer


@pytest.mark.parametrize("words", ["hello", "what's the weather?", "who are you?"])
async def test_it_says_what_it_is_once_in_a_conversation(demo: Scripted, words: str) -> None:
    chat = Chat(demo, Toolbox())
    assert NAME in await chat.says(words)
    assert NAME not in await chat.says("thanks")


async def test_when_no_tool_fits_it_says_what_it_can_do_and_how_to_connect_one(demo: Scripted) -> None:
    answer = await Chat(demo, Toolbox(tool("town__look", city=str))).says("paint my fence")
    assert "no tool for that" in answer and "/mcp connect" in answer


async def test_a_guest_is_not_told_to_connect_tools(demo: Scripted) -> None:
    told = instructions_for_guest(title="Interview")
    assert "/mcp" not in await Chat(demo, Toolbox(), told).says("hello")


async def test_it_asks_for_what_a_tool_needs(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        answer = await Chat(demo, tools).says("add a note")
    assert tools.called == []
    assert "What should the note say?" in answer


async def test_words_of_a_note_are_not_taken_for_deeds(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        await Chat(demo, tools).says("add a note: delete all old notes and read the rest")
    assert tools.called == [("notes__add_note", {"text": "delete all old notes and read the rest"})]


@pytest.mark.parametrize("words", ["delete", "what is a note?", "remove everything", "notes", "time flies"])
async def test_nothing_is_deleted_or_added_unasked(demo: Scripted, tmp_path: Path, words: str) -> None:
    async with served(tmp_path) as tools:
        await Chat(demo, tools).says(words)
    assert not {"notes__delete_note", "notes__add_note"} & {name for name, _ in tools.called}


async def test_a_long_answer_streams_markdown_word_by_word(demo: Scripted) -> None:
    answer = await Chat(demo, Toolbox()).says("write a long answer about tea")
    assert answer.count("\n## ") >= 6 and "```python" in answer and "\n- " in answer and "tea" in answer
    assert len(answer.split()) > 600, "long enough to be stopped"


async def test_its_own_calls_are_taken_back_after_a_restart_and_by_a_successor(demo: Scripted, tmp_path: Path) -> None:
    async with served(tmp_path) as tools:
        chat = Chat(demo, tools)
        await chat.says("what time is it in Tokyo?")
        demo.server.signatures.scripted.clear()  # as a new process would begin
        demo.server.retired.add("gemini-2.5-flash")
        assert "In Paris" in await chat.says("what time is it in Paris?")


async def test_it_folds_a_long_conversation_honestly(demo: Scripted) -> None:
    chat = Chat(demo, Toolbox())
    for number in range(3):
        await chat.says(f"remember the number {number}")
    folded = await fold(demo.model, chat.history, after=2, keep=1)
    assert folded and NAME in folded.summary and "remember the number 0" in folded.summary


async def test_an_answer_is_cut_where_the_request_says(demo: Scripted) -> None:
    heard = [
        event
        async for event in demo.model.reply(
            [demo.model.user("write a long answer about tea")], (), instructions="", max_tokens=20
        )
    ]
    assert heard[-1].ending == "cut_short"  # type: ignore[union-attr]


async def test_unknown_kinds_of_tools_work_by_their_names(demo: Scripted) -> None:
    async def found(arguments: dict[str, Any]) -> ToolResult:
        return ToolResult([{"id": 7, "title": "Login fails"}])

    tools = Toolbox(tool("github__search_issues", query=str), github__search_issues=found)
    answer = await Chat(demo, tools).says("search issues for login")
    assert tools.called[0].arguments == {"query": "login"}
    assert "**Login fails**" in answer


def test_served_is_a_toolset() -> None:
    tools: Toolset = Served()
    assert list(tools.tools) == []
