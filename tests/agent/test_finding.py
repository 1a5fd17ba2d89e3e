"""Hundreds of tools: those that fit are declared, the others are found, and what was declared stays where it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.looking.requests import there as real
from benchmarks.looking.requests.asked import MEMBERS, OTHERS, REQUESTS, UNSEEN
from bot.agent.events import Event
from bot.agent.finding import Offering, Shelf, offered
from bot.agent.finding.offering import AT_FIRST, FEW, FIND
from bot.agent.loop import run
from bot.agent.model import Message
from bot.agent.summary import remembered
from mcp_runtime.tools.tools import Tool, Toolset
from tests.support.gemini import Scripted
from tests.support.tools import Toolbox, tool

VERBS = ("list", "create", "close", "delete", "star", "rename", "archive", "export", "share", "approve")
THINGS = ("issue", "pull_request", "branch", "label", "release", "comment", "runner", "snippet", "page", "invoice")
SERVICES = ("GitHub", "Ledger", "Atlas")
MANY = [
    replace(tool(f"{service.lower()}__{verb}_{thing}", what=str), server=service, description=f"To {verb} a {thing}.")
    for service in SERVICES
    for verb in VERBS
    for thing in THINGS
]
TOKENS = 6_000


async def equipped(
    gemini: Scripted, history: Sequence[Message], text: str, uses: Mapping[str, int] | None = None
) -> tuple[Toolset, Toolbox]:
    async def used() -> Mapping[str, int]:
        return uses or {}

    box = Toolbox(tool("usher__list_links"), *MANY)
    return await offered(box, MANY, gemini.model, history, text, used), box


def declared(gemini: Scripted, request: int = -1) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gemini.asked[request].body["tools"][0]["functionDeclarations"]
    return found


def names(tools: Toolset) -> list[str]:
    return [each.name for each in tools.tools]


async def turn(gemini: Scripted, history: list[Message], text: str) -> list[Event]:
    """As a turn does it: what was declared stands in the messages that are kept of it."""
    history.append(gemini.model.user(text))
    tools, _ = await equipped(gemini, history, text)
    assert isinstance(tools, Offering)
    events = [event async for event in run(gemini.model, tools, history, instructions="Be kind.")]
    history[-1] |= tools.newly_declared()
    return events


async def test_few_tools_are_all_declared(gemini: Scripted) -> None:
    async def used() -> Mapping[str, int]:
        raise AssertionError("nobody needs to know")

    box = Toolbox(*MANY[:FEW])
    assert await offered(box, MANY[:FEW], gemini.model, [], "anything", used) is box


async def test_of_many_those_that_fit_are_there_and_the_rest_is_named_by_service(gemini: Scripted) -> None:
    tools, _ = await equipped(gemini, [], "please close the invoice in Ledger")
    assert names(tools)[:3] == ["usher__list_links", FIND, "ledger__close_invoice"]
    assert len(names(tools)) == 2 + AT_FIRST
    assert all(f"“{service}” (100)" in tools.tools[1].description for service in SERVICES)


async def test_three_hundred_tools_cost_a_few_thousand_tokens(gemini: Scripted) -> None:
    gemini.will_say("fine")
    await turn(gemini, [], "list the issues of GitHub")
    assert len(str(declared(gemini))) / 4 < TOKENS


async def test_what_is_found_can_be_called_in_the_next_step_and_in_the_next_turn(gemini: Scripted) -> None:
    history: list[Message] = []
    gemini.will_call((FIND, {"query": "star release", "service": "Atlas"}))
    gemini.will_call(("atlas__star_release", {"what": "v1"}))
    gemini.will_say("Starred.")
    await turn(gemini, history, "hello there")
    assert "atlas__star_release" in gemini.responses(1)[0]["response"]["output"]["result"]
    assert gemini.responses(2)[0]["response"] == {"output": "done"}
    before = declared(gemini)

    gemini.will_say("Again.")
    await turn(gemini, history, "thanks")

    assert declared(gemini) == before and "atlas__star_release" in str(before)


async def test_declarations_and_history_are_the_same_bytes_over_ten_turns(gemini: Scripted) -> None:
    history: list[Message] = []
    for number in range(10):
        gemini.will_say(f"Done {number}.")
        await turn(gemini, history, f"please {VERBS[number]} the {THINGS[number]}")
    bodies = [asked.body for asked in gemini.asked]
    for one, other in pairwise(bodies):
        first, second = (body["tools"][0]["functionDeclarations"] for body in (one, other))
        assert str(second).startswith(str(first)[:-1]) and one["systemInstruction"] == other["systemInstruction"]
        assert str(other["contents"]).startswith(str(one["contents"])[:-1])
    assert len(declared(gemini)) > len(declared(gemini, 0)), "what fits later is added"


async def test_a_fold_lets_go_of_what_was_declared_and_keeps_what_is_still_in_use(gemini: Scripted) -> None:
    history: list[Message] = []
    for query, name in (("star release", "atlas__star_release"), ("share page", "ledger__share_page")):
        gemini.will_call((FIND, {"query": query, "service": name.partition("__")[0]}))
        gemini.will_call((name, {"what": "it"}))
        gemini.will_say("Done.")
        await turn(gemini, history, "hello there")
    cut = next(place for place in range(1, len(history)) if gemini.model.speaks(history[place]))
    assert {"atlas__star_release", "ledger__share_page"} <= {each["name"] for each in declared(gemini)}

    folded = remembered(gemini.model, "They starred a release.", history[cut:])
    gemini.will_call((FIND, {"query": "star release", "service": "Atlas"}))
    gemini.will_call(("atlas__star_release", {"what": "v2"}))
    gemini.will_say("Again.")
    await turn(gemini, folded, "thanks")

    first, *_, last = ({each["name"] for each in declared(gemini, place)} for place in (-3, -2, -1))
    assert "ledger__share_page" in first and "atlas__star_release" not in first
    assert first < last and gemini.responses()[0]["response"] == {"output": "done"}, "what was let go is found again"


async def test_a_members_own_use_counts_and_nothing_is_left_out_by_alphabet(gemini: Scripted) -> None:
    tools, _ = await equipped(gemini, [], "hm", {"ledger__rename_page": 3})
    assert names(tools)[2:] == ["ledger__rename_page"]
    for each in MANY[:: len(MANY) // 7]:
        tools, _ = await equipped(gemini, [], f"{each.own_name or each.name}")
        assert each.name in names(tools)[2:5]


async def test_a_tool_that_was_not_found_is_not_called(gemini: Scripted) -> None:
    history: list[Message] = []
    gemini.will_call(("atlas__delete_runner", {"what": "x"}))
    gemini.will_say("I could not.")
    await turn(gemini, history, "hello")
    assert "There is no tool" in gemini.responses()[0]["response"]["error"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"query": 3}, "few words"), ({"query": " "}, "few words"), ({"query": "zzz"}, "“Ledger” (100)")],
)
async def test_a_look_that_finds_nothing_says_what_there_is(gemini: Scripted, arguments: Any, said: str) -> None:
    gemini.will_call((FIND, arguments))
    gemini.will_say("I see.")
    await turn(gemini, [], "hello")
    assert said in str(gemini.responses()[0]["response"])


def test_a_request_in_any_script_finds_its_tool() -> None:
    tools: list[Tool] = [
        replace(tool("a__one"), description="請求書を作成する"),
        replace(tool("a__getFileContent"), description="Größe und Inhalt"),
        *MANY[:80],
    ]
    shelf = Shelf(tools)
    assert shelf.fitting("請求書")[0].name == "a__one"
    assert {shelf.fitting(text)[0].name for text in ("file contents", "GROSSE", "grösse")} <= {"a__getFileContent"}


def test_what_is_asked_for_in_another_form_or_in_german_finds_its_tool() -> None:
    shelf = Shelf([replace(tool("a__delete_issue"), description=""), *MANY[:5]])
    for text in ("deleting it", "it was deleted", "lösche das", "removes them"):
        assert shelf.fitting(text)[0].name == "a__delete_issue", text


def test_the_service_that_is_named_goes_before_another_with_the_same_tools() -> None:
    shelf = Shelf(
        [
            replace(tool(f"{each.lower()}__close_issue"), server=each, description=f"To close an issue, {told}")
            for each, told in (("Ledger", "as GitHub does; in GitHub, of GitHub."), ("GitHub", "which is open."))
        ]
    )
    assert shelf.fitting("close the issue in GitHub")[0].name == "github__close_issue"


def test_of_real_tools_the_right_one_is_among_the_first_twelve_for_37_of_39_requests() -> None:
    shelf = Shelf(real.tools())
    assert len(shelf.names) == 837 and len(REQUESTS) == 39
    assert real.right(shelf, REQUESTS, AT_FIRST) >= 37
    assert real.right(shelf, MEMBERS, AT_FIRST) >= 37
    assert real.right(shelf, [*OTHERS, *UNSEEN], AT_FIRST) >= 36
