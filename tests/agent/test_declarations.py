"""Tools become declarations that the server accepts."""

import asyncio
import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from bot.agent.gemini import declarations
from bot.agent.gemini.declarations import ILL_NAMED, LARGE, MOST, MOST_CHARACTERS, TOO_LONG, TWICE, Declared, declared
from bot.agent.gemini.refusals.refused_tools import RefusedTools
from mcp_runtime.tools.kept import Kept
from tests.support.tools import tool


def names(declared: Declared) -> list[str]:
    return [each["name"] for each in declared.declarations()]


def test_they_stay_in_their_order_so_that_what_is_added_stands_at_the_end() -> None:
    tools = [tool("b__y"), tool("a__z")]
    before = Declared(tools).declarations()
    assert Declared([*tools, tool("a__a")]).declarations()[:2] == before and names(Declared(tools)) == ["b__y", "a__z"]


@pytest.mark.parametrize("name", ["a b", "9lives", "a" * 65, "ü"])
def test_names_the_server_refuses_are_set_aside(name: str) -> None:
    declared = Declared([tool("good"), tool(name)])
    assert (names(declared), declared.aside) == (["good"], {name: ILL_NAMED})


def test_of_two_tools_with_one_name_the_second_is_set_aside() -> None:
    assert Declared([tool("a"), tool("a")]).aside == {"a": TWICE}


def test_no_more_are_declared_than_the_server_takes() -> None:
    declared = Declared([tool(f"t{number}") for number in range(MOST + 3)])
    assert (len(names(declared)), len(declared.aside)) == (MOST, 3)


def test_no_more_is_described_than_the_model_could_read() -> None:
    long = [replace(tool(f"t{number}"), description="x" * (MOST_CHARACTERS // 4)) for number in range(5)]
    declared = Declared([*long, tool("tiny")])
    assert names(declared) == ["t0", "t1", "t2", "tiny"]
    assert declared.aside == {"t3": TOO_LONG, "t4": TOO_LONG}


async def test_while_a_large_schema_is_fitted_others_have_their_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    others = threading.Event()

    def slow(schema: dict[str, Any]) -> dict[str, Any]:
        assert others.wait(60)
        return schema

    monkeypatch.setattr(declarations, "fitted", slow)
    large = replace(tool("large"), schema={"type": "object", "description": "x" * LARGE})
    asking = asyncio.create_task(declared([large], RefusedTools()))
    asyncio.get_running_loop().call_later(0.01, others.set)
    assert names(await asking) == ["large"]


async def test_no_schema_is_fitted_on_the_loop_whatever_their_order_and_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More than are declared, and more than are kept."""
    where: list[int] = []

    def noted(schema: dict[str, Any]) -> dict[str, Any]:
        where.append(threading.get_ident())
        return schema

    monkeypatch.setattr(declarations, "fitted", noted)
    monkeypatch.setattr(declarations, "MOST_CHARACTERS", 25_000)
    monkeypatch.setattr(declarations, "FITTED", Kept(20_000))
    large = [replace(tool(f"t{9 - at}"), schema={"description": "x" * 10_000}, pin=f"many{at}") for at in range(10)]
    assert names(await declared(large, RefusedTools())) == ["t9", "t8"]
    assert where and threading.get_ident() not in where


async def test_a_schema_is_fitted_once_for_each_pin_however_often_it_is_declared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def counted(schema: dict[str, Any]) -> dict[str, Any]:
        seen.append(schema["description"])
        return schema

    monkeypatch.setattr(declarations, "fitted", counted)
    monkeypatch.setattr(declarations, "_dumped", lambda schema: seen.append("dumped") or json.dumps(schema))
    first, second = (replace(tool("a"), schema={"type": "object", "description": pin}, pin=pin) for pin in ("p1", "p2"))
    for _ in range(3):
        assert names(await declared([first], RefusedTools())) == ["a"]
    assert seen == ["dumped", "p1"]
    assert (await declared([second], RefusedTools())).declarations()[0]["parameters_json_schema"] == second.schema
    assert seen[2:] == ["dumped", "p2"]


def test_a_tool_without_a_description_is_described_by_its_title() -> None:
    assert Declared([replace(tool("a"), description="", title="Look")]).declarations()[0]["description"] == "Look"


@pytest.mark.parametrize(
    "message",
    [
        "* GenerateContentRequest.tools[0].function_declarations[1].parameters_json_schema: not today",
        "FunctionDeclaration 'b' in the request is too deep",
    ],
)
def test_blamed_tools_are_withdrawn(message: str) -> None:
    declared = Declared([tool("a"), tool("b"), tool("c")])
    assert declared.withdraw(message) == ("b",)
    assert names(declared) == ["a", "c"]


def test_an_excess_that_names_nobody_costs_the_largest_half() -> None:
    declared = Declared([tool("a", x=str), tool("b", much=str, more=str), tool("c", much=str)])
    assert declared.withdraw("the schema produces a constraint that has too many states for serving") == ("b", "c")
    assert names(declared) == ["a"]


def test_a_400_about_something_else_blames_nobody() -> None:
    assert Declared([tool("a")]).withdraw("contents are not to my taste, nor function_declarations[7]") == ()
