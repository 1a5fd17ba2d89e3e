"""What descriptions of APIs may hold: read as it is meant, and nothing in one that is odd loses the rest."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from mcp_runtime.own_servers.openapi import Api, described
from mcp_runtime.own_servers.openapi_document import MOST_OPERATIONS, Document, NoDescription
from mcp_runtime.own_servers.web_requests import SignIn
from tests.own_servers.web_services import DESCRIPTION, TOKEN, Shop, running_shop


def of(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**DESCRIPTION, "paths": paths, **more}


async def asked(
    shop: Shop, tool: str, sign_in: SignIn | None = None, *, at: str = "/openapi.json", **arguments: Any
) -> dict[str, Any]:
    """What came to the service."""
    api, host, _ = await described(f"{shop.address}{at}", "", sign_in or SignIn(), writing=True)
    async with host:
        await api.call(tool, arguments)
    return shop.asked[-1]


def parameter(place: str, **more: Any) -> dict[str, Any]:
    return {"name": "p", "in": place, "schema": {}, **more}


SEVERAL, MEMBERS = ["a", "b"], {"x": 1, "y": True}


@pytest.mark.parametrize(
    ("written", "value", "query"),
    [
        ({}, SEVERAL, [("p", "a"), ("p", "b")]),
        ({"explode": False}, SEVERAL, [("p", "a,b")]),
        ({"style": "pipeDelimited"}, SEVERAL, [("p", "a|b")]),
        ({"style": "spaceDelimited", "explode": False}, SEVERAL, [("p", "a b")]),
        ({}, MEMBERS, [("x", "1"), ("y", "true")]),
        ({"explode": False}, MEMBERS, [("p", "x,1,y,true")]),
        ({"style": "deepObject", "explode": True}, MEMBERS, [("p[x]", "1"), ("p[y]", "true")]),
    ],
)
async def test_several_values_are_written_as_the_description_says(written: dict, value: Any, query: list) -> None:
    paths = {"/items": {"get": {"operationId": "list", "parameters": [parameter("query", **written)]}}}
    async with running_shop(description=of(paths)) as shop:
        assert (await asked(shop, "list", p=value))["query"] == query


async def test_a_parameter_that_is_json_is_sent_as_json() -> None:
    told = {"name": "p", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
    paths = {"/items": {"get": {"operationId": "list", "parameters": [told]}}}
    async with running_shop(description=of(paths)) as shop:
        assert (await asked(shop, "list", p={"a": [1]}))["query"] == [("p", '{"a": [1]}')]


@pytest.mark.parametrize(("how", "query"), [(None, [("p", "a,b")]), ("multi", [("p", "a"), ("p", "b")])])
async def test_an_older_description_joins_values_unless_it_says_otherwise(how: str | None, query: list) -> None:
    told = {"name": "p", "in": "query", "type": "array"} | ({"collectionFormat": how} if how else {})
    paths = {"/items": {"get": {"operationId": "list", "parameters": [told]}}}
    old = {"swagger": "2.0", "basePath": "/v1", "paths": paths}
    async with running_shop(description=old) as shop:
        assert (await asked(shop, "list", p=SEVERAL))["query"] == query


@pytest.mark.parametrize(
    ("kind", "body", "sent"),
    [
        ("application/vnd.shop+json", {"a": 1}, '{"a": 1}'),
        ("text/plain", "two\nlines", "two\nlines"),
        ("application/x-www-form-urlencoded", {"a": [1, 2], "b": {"c": True}}, "a=1&a=2&b=%7B%22c%22%3A+true%7D"),
    ],
)
async def test_a_body_goes_in_the_type_that_is_taken(kind: str, body: Any, sent: str) -> None:
    paths = {"/items": {"post": {"operationId": "add", "requestBody": {"content": {kind: {"schema": {}}}}}}}
    async with running_shop(description=of(paths)) as shop:
        came = await asked(shop, "add", body=body)
    assert (came["kind"], came["body"]) == (kind, sent)


async def test_a_form_of_several_parts_is_one() -> None:
    paths = {"/items": {"post": {"operationId": "add", "requestBody": {"content": {"multipart/form-data": {}}}}}}
    async with running_shop(description=of(paths)) as shop:
        came = await asked(shop, "add", body={"name": "Lamp"})
        with pytest.raises(ToolError, match="has to be an object"):
            await asked(shop, "add", body="Lamp")
    assert came["kind"].startswith("multipart/form-data; boundary=") and 'name="name"\r\n\r\nLamp' in came["body"]


async def test_a_misspelled_argument_is_told_and_nothing_is_sent() -> None:
    paths = {"/items": {"delete": {"operationId": "clear", "parameters": [parameter("query")]}}}
    async with running_shop(description=of(paths)) as shop:
        with pytest.raises(ToolError, match="no argument q"):
            await asked(shop, "clear", q="old")
    assert shop.asked == []


async def test_a_header_of_the_request_itself_is_no_parameter() -> None:
    names = ("Authorization", "host", "Cookie", "content-type", "X-Language")
    told = [{"name": name, "in": "header", "required": True, "schema": {}} for name in names]
    document = Document(json.dumps(of({"/items": {"get": {"parameters": told}}})))
    assert list(document.operations()[0].schema["properties"]) == ["X-Language"]


async def test_an_operation_at_another_place_of_its_host_is_called_there_and_at_another_host_never() -> None:
    paths = {
        "/items": {"get": {"operationId": "old", "servers": [{"url": "/v0"}]}},
        "/away": {"servers": [{"url": "https://other.example"}], "get": {"operationId": "elsewhere"}},
    }
    async with running_shop(description=of(paths)) as shop:
        assert (await asked(shop, "old"))["path"] == "/v0/items"
        with pytest.raises(ToolError, match="may be called"):
            await asked(shop, "elsewhere")


async def test_a_description_that_has_moved_within_its_host_is_found_with_what_its_address_asks_for() -> None:
    async with running_shop(sign_in="query") as shop:
        secret = SignIn("query", "key", TOKEN)
        assert (await asked(shop, "listItems", secret, at="/moved?to=/openapi.json%3Fa=1"))["path"] == "/v1/items"


def test_a_name_given_twice_and_a_parameter_that_is_called_body_lose_nothing() -> None:
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    told = {"operationId": "same", "parameters": [{"name": "body", "in": "query"}], "requestBody": body}
    found = Document(json.dumps(of({"/a": {"get": told, "post": told}, "/b": {"get": told}}))).operations()
    assert [each.name for each in found] == ["same", "same_2", "same_3"]
    assert list(found[0].schema["properties"]) == ["body", "body_2"] and found[0].body == "body_2"


def test_a_member_that_is_called_example_is_asked_for() -> None:
    thing = {"type": "object", "required": ["example"], "properties": {"example": {"type": "string", "example": "x"}}}
    body = {"content": {"application/json": {"schema": thing}}}
    found = Document(json.dumps(of({"/a": {"post": {"requestBody": body}}}))).operations()[0]
    assert found.schema["properties"]["body"]["properties"] == {"example": {"type": "string"}}


def test_references_into_other_operations_are_followed() -> None:
    shared = {"$ref": "#/paths/~1items~1%7Bid%7D/parameters/0"}
    paths = {**DESCRIPTION["paths"], "/parts/{id}": {"parameters": [shared], "get": {"operationId": "parts"}}}
    found = {each.name: each for each in Document(json.dumps(of(paths))).operations()}
    assert found["parts"].schema["required"] == ["id"]


async def test_of_very_many_operations_those_that_are_not_wanted_take_no_place_and_a_page_holds_some() -> None:
    paths: dict[str, Any] = {f"/w{number}": {"post": {}} for number in range(MOST_OPERATIONS)}
    paths |= {f"/r{number}": {"get": {}} for number in range(400)}
    document = Document(json.dumps(of(paths)))
    reading = document.operations(writing=False)
    assert len(reading) == 400 and len(document.operations()) == MOST_OPERATIONS
    async with running_shop() as shop:
        _, host, _ = await described(f"{shop.address}/openapi.json", "", SignIn(), writing=False)
    api = Api(host, lambda operation: "", {each.name: each for each in reading})
    assert [len(api.tools(beginning)) for beginning in (0, 350, 400)] == [50, 50, 0]


def each_place(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, below in inner:
        yield from each_place(below, (*way, key))


RICH = of(
    {
        **DESCRIPTION["paths"],
        "/sets": {
            "get": {
                "operationId": "sets",
                "parameters": [parameter("query", style="deepObject", explode=True, content={"text/plain": {}})],
                "servers": [{"url": "/{v}", "variables": {"v": {"default": "v0"}}}],
            },
        },
    }
)
OLD = {
    "swagger": "2.0",
    "info": {"title": "Old"},
    "host": "shop.example",
    "schemes": ["https"],
    "basePath": "/v1",
    "consumes": ["application/json"],
    "paths": {
        "/items": {
            "get": {"parameters": [{"name": "tag", "in": "query", "type": "array", "items": {"type": "string"}}]},
            "post": {"parameters": [{"name": "item", "in": "body", "schema": {"type": "object"}}]},
        },
        "/orders": {"post": {"consumes": ["x/y"], "parameters": [{"name": "i", "in": "formData", "type": "file"}]}},
    },
}


@pytest.mark.parametrize("whole", [RICH, OLD], ids=["OpenAPI", "Swagger"])
@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, True, [None], {"x": None}], ids=repr)
def test_something_odd_at_any_place_breaks_nothing(whole: dict[str, Any], odd: Any) -> None:
    """The rest is read, or it is said that this describes no API."""
    for *way, last in each_place(whole):
        changed = copy.deepcopy(whole)
        node = changed
        for key in way:
            node = node[key]
        node[last] = odd
        try:
            document = Document(json.dumps(changed))
            found = document.operations()
            at = [document.address("https://shop.example/openapi.json", each.servers) for each in found]
        except NoDescription:
            assert len(way) < 3, (way, last)
            continue
        assert isinstance(document.title, str) and all(at)
        assert json.dumps([each.schema for each in found])
