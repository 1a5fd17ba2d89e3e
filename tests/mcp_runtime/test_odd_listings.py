"""Tools as servers written by hand list them: mended where that can be, else named with the reason."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from mcp_runtime.errors import ServerError
from mcp_runtime.left_out import ALL_FURTHER, MAX_SCHEMA, MAX_SCHEMAS, MAX_TOOLS, LeftOut
from mcp_runtime.tools.listing import MAX_PAGES
from mcp_runtime.transports.fair_turns import SLICE, FairTurns
from mcp_runtime.transports.mending import listings
from tests.mcp_runtime.conftest import Offered
from tests.mcp_runtime.fair import Others
from tests.mcp_runtime.odd_server import HELLO, TOOL, OddServer, Raw, Refusal, result

OBJECT = {"type": "object"}
T = TypeVar("T")


def named(name: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "inputSchema": OBJECT, **more}


SCHEMAS: list[tuple[Any, Any]] = [
    ({}, OBJECT),
    ([], OBJECT),
    (None, OBJECT),
    (True, OBJECT),
    ({"type": None}, OBJECT),
    ({"type": ""}, OBJECT),
    ({"type": "Object"}, OBJECT),
    ({"type": ["object", "null"]}, OBJECT),
    ({"properties": {"a": {"type": "string"}}}, OBJECT | {"properties": {"a": {"type": "string"}}}),
    (OBJECT | {"properties": []}, OBJECT),
    ({"properties": None}, OBJECT),
    (OBJECT | {"properties": {"a": None, "b": []}}, OBJECT | {"properties": {"a": {}, "b": {}}}),
    (OBJECT | {"properties": {"a": "integer"}}, OBJECT | {"properties": {"a": {"type": "integer"}}}),
    (OBJECT | {"required": "a"}, OBJECT | {"required": ["a"]}),
    (OBJECT | {"required": True}, OBJECT),
    (OBJECT | {"required": ["a", None, 1]}, OBJECT | {"required": ["a"]}),
    (
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"$schema": "http://json-schema.org/draft-07/schema#"} | OBJECT,
    ),
    (OBJECT | {"$schema": 7}, OBJECT),
    ('{"properties":{"a":{}}}', OBJECT | {"properties": {"a": {}}}),
]


@pytest.mark.parametrize(("schema", "meant"), SCHEMAS)
async def test_a_schema_that_means_an_object_is_one(offered: Offered, schema: Any, meant: Any) -> None:
    offer = await offered(OddServer(tools=[named("look", inputSchema=schema)]))
    assert [each.definition["inputSchema"] for each in offer.tools] == [meant]
    assert offer.left_out == ()


async def test_a_tool_without_a_schema_takes_no_arguments_and_other_spellings_are_read(offered: Offered) -> None:
    mine = {"properties": {"a": {}}}
    tools = [{"name": "none"}, {"name": "snake", "input_schema": mine}, {"name": "other", "parameters": mine}]
    offer = await offered(OddServer(tools=tools))
    assert [each.definition["inputSchema"] for each in offer.tools] == [OBJECT, OBJECT | mine, OBJECT | mine]


@pytest.mark.parametrize(
    "member", ["title", "description", "annotations", "outputSchema", "icons", "_meta", "execution"]
)
@pytest.mark.parametrize("value", [None, [], False, 7, "x", {"x": []}])
async def test_no_extra_of_a_tool_costs_the_tool(offered: Offered, member: str, value: Any) -> None:
    offer = await offered(OddServer(tools=[named("look", **{member: value}), named("other")]))
    assert [each.name for each in offer.tools] == ["look", "other"]
    assert offer.left_out == ()


async def test_null_counts_as_absent_and_the_rest_of_a_tool_is_kept(offered: Offered) -> None:
    hints = {"readOnlyHint": True, "title": None, "destructiveHint": None}
    tool = named("look", title="Look", description="Looks.", annotations=hints, outputSchema={"type": None})
    offer = await offered(OddServer(tools=[tool]))
    assert offer.tools[0].hinted_reading and offer.tools[0].title == "Look"
    assert offer.tools[0].definition == {
        "name": "look",
        "title": "Look",
        "description": "Looks.",
        "annotations": {"readOnlyHint": True},
        "inputSchema": OBJECT,
        "outputSchema": OBJECT,
    }


async def test_what_the_sdk_takes_is_left_to_the_letter_beside_a_tool_that_is_mended(offered: Offered) -> None:
    odd_but_taken = named("kept", inputSchema=OBJECT | {"properties": None, "required": None, "x": [None]})
    alone = await offered(OddServer(tools=[odd_but_taken]))
    beside = await offered(OddServer(tools=[odd_but_taken, named("look", inputSchema=[])]))
    assert alone.tools[0].definition["inputSchema"] == odd_but_taken["inputSchema"]
    assert beside.tools[0].pin == alone.tools[0].pin


NO_OBJECT = "its arguments are described in a way that cannot be read"
TWICE = "another tool has the same name, and was listed before it"
LEFT_OUT: list[tuple[Any, LeftOut]] = [
    (named("look", inputSchema={"type": "string"}), LeftOut("look", NO_OBJECT)),
    (named("look", inputSchema="none"), LeftOut("look", NO_OBJECT)),
    (named(None), LeftOut("a tool without a name", "it has no name")),
    ({"inputSchema": OBJECT}, LeftOut("a tool without a name", "it has no name")),
    ("look", LeftOut("a tool without a name", "it is no tool at all")),
    (None, LeftOut("a tool without a name", "it is no tool at all")),
    (named("look", description="x" * 65_000), LeftOut("look", "its definition is larger than 64 kB")),
    (named("l" * 201), LeftOut("l" * 79 + "…", "its name is longer than 200 characters")),
    (named("good", description="Another."), LeftOut("good", TWICE)),
]


@pytest.mark.parametrize(("tool", "told"), LEFT_OUT)
async def test_a_tool_that_cannot_be_taken_is_named_with_the_reason(offered: Offered, tool: Any, told: LeftOut) -> None:
    offer = await offered(OddServer(tools=[named("good"), tool]))
    assert [each.name for each in offer.tools] == ["good"]
    assert offer.left_out == (told,)


async def test_many_that_are_alike_are_counted(offered: Offered) -> None:
    offer = await offered(OddServer(tools=[None] * 300))
    assert offer.left_out == (LeftOut("a tool without a name (× 300)", "it is no tool at all"),)


async def test_the_same_tool_twice_is_no_loss(offered: Offered) -> None:
    offer = await offered(OddServer(tools=[TOOL, TOOL]))
    assert (len(offer.tools), offer.left_out) == (1, ())


@pytest.mark.parametrize(
    "page",
    [
        {"tools": {"0": TOOL, "2": named("other")}},
        {"tools": {"look": {"inputSchema": OBJECT}, "other": {"description": "Another."}}},
        [TOOL, named("other")],
        {"tools": [TOOL, named("other")], "nextCursor": None, "_meta": []},
        {"tools": [TOOL, named("other")], "nextCursor": False},
    ],
)
async def test_a_list_of_another_shape_is_read(offered: Offered, page: Any) -> None:
    offer = await offered(OddServer({"tools/list": page}))
    assert ([each.name for each in offer.tools], offer.left_out) == (["look", "other"], ())


@pytest.mark.parametrize("page", [{"tools": None}, {}, None, [], {"tools": []}, {"tools": {}}])
async def test_a_list_of_nothing_is_empty(offered: Offered, page: Any) -> None:
    assert (await offered(OddServer({"tools/list": page}))).tools == ()


async def test_half_an_emoji_in_a_description_is_one_sign_that_is_not_known(offered: Offered) -> None:
    page = result('{"tools":[{"name":"look","description":"cut \\ud83d","inputSchema":{"properties":{"\\ude00":{}}}}]}')
    offer = await offered(OddServer({"tools/list": Raw(page)}))
    assert offer.tools[0].description == "cut \ufffd"
    assert offer.tools[0].definition["inputSchema"]["properties"] == {"\ufffd": {}}


async def test_a_number_that_no_json_has_is_none(offered: Offered) -> None:
    page = result('{"tools":[{"name":"look","inputSchema":{"type":"object","properties":{"n":{"maximum":Infinity}}}}]}')
    offer = await offered(OddServer({"tools/list": Raw(page)}))
    assert offer.tools[0].definition["inputSchema"]["properties"] == {"n": {"maximum": None}}


CURSORS = {
    "the same for ever": (lambda params: "same", 2),
    "two by turns": (lambda params: {None: "a", "a": "b", "b": "a"}[params.get("cursor")], 3),
    "always a new one, to the same tools": (lambda params: str(len(params.get("cursor") or "") * 10), 3),
    "an empty one": (lambda params: "", 1),
    "a number": (lambda params: 2 if "cursor" not in params else None, 2),
    "zero": (lambda params: 0 if "cursor" not in params else None, 2),
}


@pytest.mark.parametrize("kind", CURSORS)
async def test_a_cursor_that_leads_nowhere_ends_the_list(offered: Offered, kind: str) -> None:
    cursor, most = CURSORS[kind]

    def page(message: dict[str, Any]) -> dict[str, Any]:
        return {"tools": [TOOL], "nextCursor": cursor(message.get("params") or {})}  # type: ignore[no-untyped-call]

    server = OddServer({"tools/list": page})
    offer = await offered(server)
    assert (len(offer.tools), offer.left_out) == (1, ())
    assert len(server.asked("tools/list")) <= most


def paged(number: int, size: int) -> Any:
    def page(message: dict[str, Any]) -> dict[str, Any]:
        at = int((message.get("params") or {}).get("cursor", 0))
        more = {"nextCursor": str(at + 1)} if at + 1 < number else {}
        return {"tools": [named(f"t{at}_{each}") for each in range(size)], **more}

    return page


async def test_a_server_that_refuses_its_own_cursor_keeps_the_tools_that_it_told(offered: Offered) -> None:
    def page(message: dict[str, Any]) -> Any:
        more = (message.get("params") or {}).get("cursor")
        return Refusal(-32602, "Invalid cursor") if more else {"tools": [TOOL], "nextCursor": "x"}

    offer = await offered(OddServer({"tools/list": page}))
    assert len(offer.tools) == 1
    assert offer.left_out == (LeftOut(ALL_FURTHER, "the server refuses to go on with its list"),)


async def test_all_pages_are_read(offered: Offered) -> None:
    offer = await offered(OddServer({"tools/list": paged(7, 3)}))
    assert (len(offer.tools), offer.left_out) == (21, ())


async def test_more_tools_or_pages_than_are_taken_are_told(offered: Offered) -> None:
    many = await offered(OddServer({"tools/list": paged(5, 300)}))
    assert len(many.tools) == MAX_TOOLS
    assert many.left_out == (LeftOut(ALL_FURTHER, "only 1000 tools of one server can be taken"),)
    exactly = await offered(OddServer({"tools/list": paged(4, 250)}))
    assert (len(exactly.tools), exactly.left_out) == (MAX_TOOLS, ())
    broken = await offered(OddServer(tools=[None] * 1500))
    assert broken.left_out[1:] == many.left_out
    long = await offered(OddServer({"tools/list": paged(60, 1)}))
    assert len(long.tools) == MAX_PAGES
    assert long.left_out == (LeftOut(ALL_FURTHER, "only 50 pages of a server's list are read"),)


CAPABILITIES = [
    None,
    [],
    {},
    {"tools": None},
    {"tools": []},
    {"tools": True},
    ["tools"],
    {"tools": {"listChanged": None}},
]


@pytest.mark.parametrize("capabilities", CAPABILITIES)
async def test_tools_are_found_whatever_a_server_says_that_it_can_do(offered: Offered, capabilities: Any) -> None:
    offer = await offered(OddServer({"initialize": HELLO | {"capabilities": capabilities}}))
    assert [each.name for each in offer.tools] == ["look"]


async def test_a_server_without_tools_may_say_that_it_does_not_know_the_question(offered: Offered) -> None:
    unknown = Refusal(-32601, "Method not found")
    assert (await offered(OddServer({"initialize": HELLO | {"capabilities": {}}, "tools/list": unknown}))).tools == ()
    with pytest.raises(ServerError):
        await offered(OddServer({"tools/list": unknown}))


async def test_a_page_of_broken_tools_is_looked_at_tool_by_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """To find fault with the whole page for each of them took seconds of everybody's time."""
    looked: list[int] = []
    plain = listings.methods.validate_server_result

    def counted(method: str, version: str, page: dict[str, Any]) -> None:
        looked.append(len(json.dumps(page)))
        plain(method, version, page)

    monkeypatch.setattr(listings.methods, "validate_server_result", counted)
    broken = {"name": 7, "inputSchema": {"properties": {f"p{number}": None for number in range(100)}}}
    page: dict[str, Any] = {"tools": [broken] * 300, "_meta": {f"k{number}": 1 for number in range(10_000)}}
    assert await listings.mended_listing(page, "2025-06-18") == []
    assert [each["name"] for each in page["tools"]] == ["7"] * 300
    assert max(looked) < 2 * len(json.dumps(broken)) and sum(looked) < 10 * 300 * len(json.dumps(broken))


async def test_a_tool_beyond_all_measure_is_left_out_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    huge = named("huge", outputSchema={"type": 7, "x": ["y"] * MAX_SCHEMA})
    monkeypatch.setattr(listings, "_mended", _not_to_be_read)
    page: dict[str, Any] = {"tools": [huge, *([named("large", title="x" * MAX_SCHEMA)] * 70)]}
    dropped = await listings.mended_listing(page, "2025-06-18")
    assert dropped[0] == LeftOut("huge", "its definition is larger than 64 kB")
    assert {each.reason for each in dropped[1:]} == {
        "with it the definitions of this server's tools would be larger than 2 MB"
    }
    assert len(json.dumps(page)) < MAX_SCHEMAS


async def test_between_the_tools_of_one_page_others_have_their_turns() -> None:
    async with Others() as others:
        await listings.mended_listing({"tools": [named(f"t{number}") for number in range(200)]}, "2025-06-18", Hasty())
        assert others.turns >= 100


class Hasty(FairTurns):
    """For which each piece of work is a long one."""

    def work(self, act: Callable[[], T]) -> T:
        self._worked = SLICE
        return act()


def _not_to_be_read(tool: dict[str, Any]) -> dict[str, Any]:
    raise AssertionError(f"{tool['name']} was read")
