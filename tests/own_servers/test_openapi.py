"""The REST API card, against a real service."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mcp_runtime.errors import AuthorizationNeeded, ServerError
from run_cards.apis.openapi import CARD
from tests.own_servers.conftest import Connected, Connects, Visit, visit
from tests.own_servers.web_services import DESCRIPTION, TOKEN, Shop, running_shop

IN_ONE = pytest.mark.asyncio(loop_scope="module")


async def connected(connects: Connects, shop: Shop, secret: str = "", **answers: str) -> Connected:
    return await connects(CARD, secret, url=f"{shop.address}/openapi.json", **answers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visited(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> AsyncIterator[Visit]:
    async with visit(tmp_path_factory.mktemp("reading"), sqlite_template, CARD, "/openapi.json") as visited:
        yield visited


@IN_ONE
async def test_what_reads_is_free_and_the_rest_is_there_only_where_it_was_wanted_and_asks(mine: Connected) -> None:
    assert await mine.tools() == {"listItems": False, "getItem": False, "goAway": False, "answerWith": False}


async def test_changes_ask_and_carry_their_body(connects: Connects) -> None:
    async with running_shop() as shop:
        mine = await connected(connects, shop, writes="on")
        asking = {name for name, asks in (await mine.tools()).items() if asks}
        assert asking == {"addItem", "delete_items_id", "order"}
        added = await mine.call("addItem", body={"name": "Lamp", "price": 3.5})
        ordered = await mine.call("order", body={"item": "Lamp & shade"})
        deleted = await mine.call("delete_items_id", id="7")
    assert added.output["result"] == {"status": 200, "answer": {"path": "items", "done": "POST"}}
    assert not ordered.failed and not deleted.failed
    assert json.loads(shop.asked[0]["body"]) == {"name": "Lamp", "price": 3.5}
    assert shop.asked[1]["body"] == "item=Lamp+%26+shade"
    assert (shop.asked[2]["method"], shop.asked[2]["path"]) == ("DELETE", "/v1/items/7")


@IN_ONE
async def test_each_parameter_goes_to_its_place(mine: Connected, shop: Shop) -> None:
    listed = await mine.call("listItems", **{"tag": ["a", "b&c"], "cheap": True, "X-Language": "de"})
    await mine.call("getItem", id="../secret?x=1#y")
    climbing = await mine.call("getItem", id="..")
    two_lines = await mine.call("listItems", **{"X-Language": "de\r\nX-Evil: 1"})
    missing = await mine.call("getItem")
    assert not listed.failed
    assert shop.asked[0]["query"] == [("tag", "a"), ("tag", "b&c"), ("cheap", "true")]
    assert shop.asked[0]["language"] == "de"
    assert shop.asked[1]["path"] == "/v1/items/..%2Fsecret%3Fx%3D1%23y" and shop.asked[1]["query"] == []
    assert "“..”" in climbing.error and "one line" in two_lines.error and "id" in missing.error
    assert len(shop.asked) == 2


@pytest.mark.parametrize(
    ("kind", "key_name", "secret"),
    [
        ("bearer", "", TOKEN),
        ("header", "X-Shop-Key", TOKEN),
        ("query", "key", TOKEN),
        ("basic", "", f"ada:{TOKEN}"),
    ],
)
async def test_the_secret_goes_as_the_service_wants_it(
    connects: Connects, kind: str, key_name: str, secret: str
) -> None:
    async with running_shop(sign_in=kind) as shop:
        mine = await connected(connects, shop, secret, sign_in=kind, key_name=key_name)
        given = await mine.call("listItems", tag=["a"])
    assert given.output["result"]["status"] == 200
    assert TOKEN not in json.dumps(given.output) and shop.asked[0]["query"] == [("tag", "a")]


async def test_a_wrong_secret_and_none_are_told(connects: Connects) -> None:
    async with running_shop(sign_in="bearer") as shop:
        with pytest.raises(ServerError, match="refused the password or the token"):
            await connected(connects, shop, f"x{TOKEN}", sign_in="bearer", key_name="")
        with pytest.raises(AuthorizationNeeded):
            await connected(connects, shop, "", sign_in="bearer", key_name="")


@IN_ONE
async def test_a_status_that_is_an_error_is_one_and_says_what_came(mine: Connected) -> None:
    for status in (401, 404, 500):
        given = await mine.call("answerWith", code=status)
        assert given.failed and str(status) in given.error and "so it was asked" in given.error
    assert not (await mine.call("listItems")).failed


@IN_ONE
async def test_an_answer_that_sends_on_is_shown_and_not_followed(mine: Connected, shop: Shop) -> None:
    given = await mine.call("goAway")
    assert given.output["result"]["status"] == 302 and "location" in given.output["result"]
    assert [each["path"] for each in shop.asked] == ["/v1/away"]


@IN_ONE
async def test_a_long_answer_is_cut_and_says_so(mine: Connected) -> None:
    given = await mine.call("getItem", id="large")
    assert len(given.output["result"]["answer"]) < 200_000 and "Cut after" in given.output["result"]["note"]


def described(**changes: Any) -> dict[str, Any]:
    return {**DESCRIPTION, **changes}


async def test_an_api_at_another_host_is_named_and_never_dialled_unless_it_was_given(connects: Connects) -> None:
    async with running_shop() as other:
        description = described(servers=[{"url": f"{other.address}/v1"}])
        async with running_shop(description=description) as shop:
            with pytest.raises(ServerError, match="at another host"):
                await connected(connects, shop)
            assert other.asked == []
            mine = await connected(connects, shop, address=f"{other.address}/v1")
            assert not (await mine.call("listItems")).failed
    assert [each["path"] for each in other.asked] == ["/v1/items"] and shop.asked == []


@pytest.mark.parametrize(
    "description",
    ["<html>Hello</html>", "[1, 2]", "{}", "a: [", described(paths={"/x": None}), " " * (9 << 20)],
    ids=["a page", "a list", "nothing", "broken", "no operations", "too big"],
)
async def test_what_describes_no_api_is_refused(connects: Connects, description: Any) -> None:
    async with running_shop(description=description) as shop:
        with pytest.raises(ServerError, match="not what this card is for"):
            await connected(connects, shop)


async def test_an_older_description_serves_as_well(connects: Connects) -> None:
    old = {
        "swagger": "2.0",
        "info": {"title": "Old shop"},
        "basePath": "/v1",
        "paths": {
            "/items": {
                "get": {"parameters": [{"name": "tag", "in": "query", "type": "string"}]},
                "post": {
                    "parameters": [{"name": "item", "in": "body", "required": True, "schema": {"type": "object"}}]
                },
            },
            "/orders": {"post": {"parameters": [{"name": "item", "in": "formData", "type": "string"}]}},
        },
    }
    async with running_shop(description=old) as shop:
        mine = await connected(connects, shop, writes="on")
        assert await mine.tools() == {"get_items": False, "post_items": True, "post_orders": True}
        for tool, arguments in (
            ("get_items", {"tag": "a"}),
            ("post_items", {"body": {"n": 1}}),
            ("post_orders", {"body": {"item": "Lamp"}}),
        ):
            assert not (await mine.call(tool, **arguments)).failed, tool
    assert shop.asked[0]["query"] == [("tag", "a")]
    assert json.loads(shop.asked[1]["body"]) == {"n": 1} and shop.asked[2]["body"] == "item=Lamp"


async def test_schemas_that_grow_without_end_are_left_open(connects: Connects) -> None:
    branch = {"$ref": "#/components/schemas/Tree"}
    names = ("parent", *(f"branch_{number}" for number in range(40)))
    tree = {"type": "object", "properties": dict.fromkeys(names, branch)}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}}
    description = described(
        paths={"/trees": {"post": {"operationId": "plant", "requestBody": body}}},
        components={"schemas": {"Tree": tree}},
    )
    async with running_shop(description=description) as shop:
        mine = await connected(connects, shop, writes="on")
        assert not (await mine.call("plant", body={"parent": {"parent": {}}})).failed
