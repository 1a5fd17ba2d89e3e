"""The server that Supabase publishes, over HTTP as it is hosted, against a management API on loopback."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.services.connections import TicketNeeded
from run_cards import custom
from run_cards.hosted.supabase import CARD, FEATURES
from tests.real_servers.conftest import Guest, Town
from tests.real_servers.programs import SUPABASE, serving
from tests.real_servers.supabase_api import PROJECT, TOKEN, Supabase, supabase
from tests.services.house import OWNER

READ_ONLY = f"?project_ref={PROJECT}&read_only=true&features=database"


@pytest.fixture
async def api() -> AsyncIterator[Supabase]:
    async with supabase() as running:
        yield running


@pytest.fixture
def url(api: Supabase) -> Iterator[str]:
    flags = ("--api-url", api.origin, "--content-api-url", f"{api.origin}/content", "--http", "--port", "0")
    secrets = ("--secret-url-template", f"{api.origin}/secrets?ref={{ref}}&name={{name}}")
    with serving(SUPABASE, *flags, *secrets, until="http://") as line:
        yield next(word for word in line.split() if word.startswith("http://"))


@pytest.fixture
async def shop(town: Town, url: str) -> Guest:
    return await town.at("Supabase", f"{url}?project_ref={PROJECT}&features={','.join(FEATURES)}", TOKEN)


async def test_its_tools_are_offered_and_the_members_own_token_is_sent(shop: Guest, api: Supabase) -> None:
    assert await shop.tools >= {"list_tables", "execute_sql", "apply_migration", "list_migrations"}
    expected = CARD.reads | CARD.costs.keys() | CARD.argument_checks.keys()
    assert expected - await shop.tools == {"get_logs"}  # hidden where there is the newer query_logs
    found = await shop.output("execute_sql", query="select item from orders")
    assert "tea" in str(found) and "untrusted" in str(found)
    assert {token for _, path, token in api.asked if path.startswith("/v1/")} == {TOKEN}


async def test_a_table_is_made_by_a_migration_and_then_listed(shop: Guest, api: Supabase) -> None:
    await shop.output("apply_migration", name="guests", query="create table guests (name text)")
    assert "guests" in str(await shop.output("list_migrations"))
    assert "guests" in str(await shop.output("list_tables", schemas=["public"]))


async def test_what_the_database_says_is_told_as_its_own_words(shop: Guest) -> None:
    told = (await shop.call("execute_sql", query="select item from nowhere")).error
    assert told.startswith("The tool of Supabase failed, and says: ") and "no such table: nowhere" in told


async def test_read_only_offers_less_and_writes_nothing(town: Town, url: str, api: Supabase) -> None:
    shop = await town.at("Supabase", url + READ_ONLY, TOKEN)
    assert await shop.tools >= {"list_tables", "execute_sql"} and "apply_migration" not in await shop.tools
    assert "read-only" in (await shop.call("execute_sql", query="delete from orders")).error
    assert api.rows.execute("select count(*) from orders").fetchone() == (1,)


async def test_a_token_that_supabase_does_not_know_is_told_when_it_is_used(town: Town, url: str) -> None:
    """The server itself lists its tools to anybody: only the API behind it looks at the token."""
    shop = await town.at("Supabase", url + READ_ONLY, "sbp_" + "0" * 40)
    told = (await shop.call("execute_sql", query="select 1")).error
    assert "Unauthorized" in told and "sbp_" not in told


async def test_without_any_token_one_is_asked_for(town: Town, url: str) -> None:
    values = {"name": "Supabase", "url": url + READ_ONLY}
    assert isinstance(await town.house.connections.begin(OWNER, custom.CARD, values), TicketNeeded)
    assert await town.house.connections.of(OWNER) == []
