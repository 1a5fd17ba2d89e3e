"""Tools of any other server work by their names, descriptions and schemas."""

from typing import Any

import pytest

from tests.playground.gemini.chat import Chat
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool

NUMBER = {"type": "integer"}
WEB = {"owner": "acme", "repo": "web"}


def tools(*more: Any) -> Toolbox:
    return Toolbox(
        tool("github__list_issues", owner=str, repo=str),
        tool("github__create_issue", owner=str, repo=str, title=str),
        tool("github__get_me"),
        tool("github__search_repositories", query=str),
        tool("github__issue_read", owner=str, repo=str, issue_number=NUMBER),
        tool("github__merge_pull_request", owner=str, repo=str, pullNumber=NUMBER),
        tool("supabase__list_tables"),
        tool("supabase__execute_sql", query=str),
        tool("slack__post_message", channel=str, text=str),
        *more,
    )


@pytest.mark.parametrize(
    ("words", "name", "arguments"),
    [
        ("list issues in acme/web", "github__list_issues", WEB),
        ("create an issue in acme/web: login is broken", "github__create_issue", {**WEB, "title": "login is broken"}),
        ("who am I on github?", "github__get_me", {}),
        ("search repositories for usher", "github__search_repositories", {"query": "usher"}),
        ("read issue 42 in acme/web", "github__issue_read", {**WEB, "issue_number": 42}),
        ("merge pull request 7 in acme/web", "github__merge_pull_request", {**WEB, "pullNumber": 7}),
        ("list tables", "supabase__list_tables", {}),
        ("run sql: select 1", "supabase__execute_sql", {"query": "select 1"}),
        ("post a message to #general: hello all", "slack__post_message", {"channel": "general", "text": "hello all"}),
    ],
)
async def test_the_right_tool_is_called_with_the_right_arguments(
    demo: Scripted, words: str, name: str, arguments: dict[str, Any]
) -> None:
    toolbox = tools()
    await Chat(demo, toolbox).says(words)
    assert [(call.name, call.arguments) for call in toolbox.called] == [(name, arguments)]


async def test_another_repository_is_a_follow_up(demo: Scripted) -> None:
    toolbox = tools()
    chat = Chat(demo, toolbox)
    await chat.says("list issues in acme/web")
    await chat.says("and in acme/api?")
    assert toolbox.called[1].arguments == {"owner": "acme", "repo": "api"}


async def test_what_is_missing_is_asked_for_and_taken_from_the_answer(demo: Scripted) -> None:
    toolbox = tools()
    chat = Chat(demo, toolbox)
    assert "owner/name" in await chat.says("list my issues")
    await chat.says("acme/web")
    assert [(call.name, call.arguments) for call in toolbox.called] == [("github__list_issues", WEB)]


async def test_between_two_servers_it_asks_which(demo: Scripted) -> None:
    toolbox = tools(tool("gitlab__list_tables"))
    chat = Chat(demo, toolbox)
    assert "GitLab or Supabase" in await chat.says("list tables")
    assert toolbox.called == []
    await chat.says("supabase")
    assert [call.name for call in toolbox.called] == ["supabase__list_tables"]


@pytest.mark.parametrize("words", ["should I merge pull request 7?", "don't merge pull request 7", "merged"])
async def test_nothing_is_merged_unasked(demo: Scripted, words: str) -> None:
    toolbox = tools()
    await Chat(demo, toolbox).says(words)
    assert toolbox.called == []
