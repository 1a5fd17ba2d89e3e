"""The GraphQL card, against a real service."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from mcp_runtime.errors import AuthorizationNeeded, ServerError
from mcp_runtime.own_servers.graphql import QUERIES, Service
from mcp_runtime.own_servers.running import UNFIT, CannotStart
from mcp_runtime.own_servers.web_requests import Host, SignIn
from run_cards.apis.graphql import CARD
from tests.own_servers.conftest import Connected, Connects, Visit, visit
from tests.own_servers.web_services import TOKEN, Shop, running_shop

IN_ONE = pytest.mark.asyncio(loop_scope="module")
RENAME = 'mutation { rename(id: "1", name: "Sofa") { id name } }'


async def connected(connects: Connects, shop: Shop, secret: str = "", **answers: str) -> Connected:
    return await connects(CARD, secret, url=f"{shop.address}/graphql", **answers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visited(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> AsyncIterator[Visit]:
    async with visit(tmp_path_factory.mktemp("asking"), sqlite_template, CARD, "/graphql") as visited:
        yield visited


@IN_ONE
async def test_the_schema_is_told_and_queries_are_free(mine: Connected) -> None:
    assert await mine.tools() == {"describe_schema": False, "query": False}
    overview = await mine.call("describe_schema")
    item = await mine.call("describe_schema", type_name="Item")
    none = await mine.call("describe_schema", type_name="Ship")
    found = await mine.call("query", document="query($n: Int) { items(first: $n) { name } }", variables={"n": 1})
    assert "items(first: Int): [Item!]!" in str(overview.output) and "type Item" in str(item.output)
    assert "no type Ship" in none.error
    assert found.output["result"]["answer"] == {"data": {"items": [{"name": "Lamp"}]}}


MORE_THAN_QUERIES = (
    RENAME,
    f"query A {{ items {{ id }} }} {RENAME.replace('mutation', 'mutation B')}",
    f"# query {{ items }}\n{RENAME}",
    "subscription { items { id } }",
    "fragment F on Item { id }",
)


@IN_ONE
async def test_what_does_more_than_query_never_leaves(mine: Connected, shop: Shop) -> None:
    for document in MORE_THAN_QUERIES:
        told = await mine.call("query", document=document)
        assert "Only queries run here" in told.error and shop.asked == []


@IN_ONE
async def test_what_is_wrong_is_said_before_and_after_it_is_sent(mine: Connected, shop: Shop) -> None:
    unknown = await mine.call("query", document="{ items { colour } }")
    broken = await mine.call("query", document="{ items { ")
    assert shop.asked == []
    failed = await mine.call("query", document="{ broken { id } }")
    assert "Cannot query field 'colour'" in unknown.error and "no GraphQL" in broken.error
    assert failed.failed and "the storehouse burns" in failed.error


async def test_a_mutation_asks_and_is_there_only_where_it_was_wanted(connects: Connects) -> None:
    async with running_shop() as shop:
        mine = await connected(connects, shop, writes="on")
        assert (await mine.tools())["mutate"] is True
        done = await mine.call("mutate", document=RENAME)
        refused = await mine.call("query", document=RENAME)
    assert done.output["result"]["answer"] == {"data": {"rename": {"id": "1", "name": "Sofa"}}}
    assert "use mutate" in refused.error


@pytest.mark.parametrize("status", [200, 400])
async def test_a_service_that_hides_its_schema_answers_all_the_same(connects: Connects, status: int) -> None:
    async with running_shop(tells_schema=False, hides_with=status) as shop:
        mine = await connected(connects, shop)
        told = await mine.call("describe_schema")
        found = await mine.call("query", document="{ items { id } }")
    assert "does not tell its schema" in str(told.output)
    assert found.output["result"]["answer"]["data"]["items"] == [{"id": "1"}, {"id": "2"}]


async def test_a_service_whose_schema_is_too_long_answers_all_the_same() -> None:
    async with running_shop(schema=f'"{"x" * (9 << 20)}"') as shop:
        url = f"{shop.address}/graphql"
        async with Host(url, SignIn()) as host:
            service = Service(host, url)
            await service.learn()
            service.checked(query := "{ items { id } }", QUERIES)
            assert "too long" in service.described("") and (await service.ask(query, None))["status"] == 200


NESTED = '{"kind": "OBJECT", "name": null, "ofType": ' * 20_000


@pytest.mark.parametrize("schema", ["[" * 100_000, NESTED + "null" + "}" * 20_000], ids=["cut off", "whole"])
async def test_a_schema_too_deep_to_be_read_is_no_service_and_no_crash(schema: str) -> None:
    async with running_shop(schema=schema) as shop, Host(f"{shop.address}/graphql", SignIn()) as host:
        with pytest.raises(CannotStart) as refused:
            await Service(host, f"{shop.address}/graphql").learn()
    assert refused.value.code == UNFIT


async def test_a_secret_is_sent_and_a_wrong_one_told(connects: Connects) -> None:
    async with running_shop(sign_in="header") as shop:
        answers = {"sign_in": "header", "key_name": "X-Shop-Key"}
        with pytest.raises(ServerError, match="refused the password or the token"):
            await connected(connects, shop, "wrong", **answers)
        with pytest.raises(AuthorizationNeeded):
            await connected(connects, shop, "", **answers)
        mine = await connected(connects, shop, TOKEN, **answers)
        assert not (await mine.call("query", document="{ items { id } }")).failed


async def test_what_is_no_graphql_is_refused(connects: Connects) -> None:
    async with running_shop() as shop:
        with pytest.raises(ServerError, match="not what this card is for"):
            await connects(CARD, "", url=f"{shop.address}/elsewhere")
