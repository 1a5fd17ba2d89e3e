"""The PostgreSQL card, against a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from run_cards.databases.postgres import CARD
from tests.own_servers.conftest import Connected, Connects
from tests.own_servers.places import relayed
from tests.support.postgres import Postgres

SHOP = """
    CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
    CREATE TABLE orders (
        id int PRIMARY KEY, customer int REFERENCES customers, placed date, price numeric(10, 2), more jsonb
    );
    COMMENT ON TABLE orders IS 'What was sold';
    INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');
    INSERT INTO orders
        SELECT n, n % 2 + 1, '2026-01-01'::date + n, n * 1.5, '{"gift": true}' FROM generate_series(1, 900) n;
"""


@pytest.fixture
async def port(postgres: Postgres) -> AsyncIterator[int]:
    async with relayed(postgres.home / ".s.PGSQL.5432") as number:
        yield number


@pytest.fixture
async def shop(postgres: Postgres) -> AsyncIterator[asyncpg.Connection]:
    with postgres.database() as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        await connection.execute(SHOP)
        yield connection
        await connection.close()


async def connected(
    connects: Connects, port: int, shop: asyncpg.Connection, *, checked: bool = True, **answers: str
) -> Connected:
    card = CARD if checked else replace(CARD, argument_checks={})
    name = await shop.fetchval("SELECT current_database()")
    address = f"postgresql://postgres@127.0.0.1:{port}/{name}"
    return await connects(card, "unused", address=address, tls="none", **answers)


async def test_it_finds_its_way_and_answers(connects: Connects, port: int, shop: asyncpg.Connection) -> None:
    mine = await connected(connects, port, shop)

    assert await mine.tools() == {"list_tables": False, "describe_table": False, "query": False}
    [customers, orders] = (await mine.call("list_tables")).output["result"]["tables"]
    assert (customers["name"], orders["name"], orders["comment"]) == ("customers", "orders", "What was sold")
    described = (await mine.call("describe_table", table="orders")).output["result"]
    assert {"name": "price", "type": "numeric(10,2)"}.items() <= described["columns"][3].items()
    assert "FOREIGN KEY (customer) REFERENCES customers(id)" in described["constraints"]
    rows = (await mine.call("query", sql="SELECT count(*) AS n, max(price) AS dearest, min(placed) FROM orders")).output
    assert rows["result"] == {"rows": [{"n": 900, "dearest": "1350.00", "min": "2026-01-02"}]}
    whole = (await mine.call("query", sql="SELECT * FROM orders")).output["result"]
    assert len(whole["rows"]) < 900 and whole["rows"][0]["more"] == {"gift": True}
    assert f"Only {len(whole['rows'])} rows are shown" in whole["note"]


WRITES = [
    "DELETE FROM orders",
    "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    "SELECT 1; DELETE FROM orders",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "SELECT * INTO taken FROM orders",
    "COMMIT",
    "COPY orders TO PROGRAM 'cat'",
    "DO $$ BEGIN DELETE FROM orders; END $$",
    "SELECT set_config('transaction_read_only', 'off', false)",
]


async def test_the_database_itself_keeps_what_our_checks_would_let_through(
    connects: Connects, port: int, shop: asyncpg.Connection
) -> None:
    """Without the parser before it: what the server and its read-only transaction are worth alone."""
    mine = await connected(connects, port, shop, checked=False)

    for sql in WRITES:
        given = await mine.call("query", sql=sql)
        assert given.failed or sql.startswith("SELECT set_config"), sql
        kept = await mine.call("query", sql="SELECT current_setting('transaction_read_only') AS kept")
        assert kept.output["result"]["rows"] == [{"kept": "on"}], sql
    assert await shop.fetchval("SELECT count(*) FROM orders") == 900
    assert await shop.fetchval("SELECT to_regclass('taken')") is None


async def test_a_refused_query_never_reaches_the_server_and_says_why(
    connects: Connects, port: int, shop: asyncpg.Connection
) -> None:
    mine = await connected(connects, port, shop)

    told = await mine.call("query", sql="DELETE FROM orders")
    assert told.refused == "arguments"
    assert told.error == (
        "The call was not made: This statement does more than read (DELETE), and this tool only reads. Ask with SELECT."
    )
    wrong = await mine.call("query", sql="SELECT nme FROM customers")
    assert 'PostgreSQL says: column "nme" does not exist' in wrong.error and "customers.name" in wrong.error


async def test_changes_are_a_tool_that_asks_and_only_where_they_were_wanted(
    connects: Connects, port: int, shop: asyncpg.Connection
) -> None:
    mine = await connected(connects, port, shop, writes="on")

    assert (await mine.tools())["execute"] is True
    done = await mine.call("execute", sql="UPDATE orders SET price = 1 WHERE id < 3 RETURNING id")
    assert done.output["result"] == {"done": "UPDATE 2", "rows": [{"id": 1}, {"id": 2}]}
    assert await shop.fetchval("SELECT count(*) FROM orders WHERE price = 1") == 2
    failed = await mine.call("execute", sql="INSERT INTO orders VALUES (5, 77)")
    assert "violates" in failed.error
    assert (await mine.call("query", sql="SELECT 1 AS one")).output["result"]["rows"] == [{"one": 1}]


async def test_a_database_that_went_away_is_told_and_found_again(
    connects: Connects, postgres: Postgres, shop: asyncpg.Connection
) -> None:
    async with relayed(postgres.home / ".s.PGSQL.5432") as port:
        mine = await connected(connects, port, shop)
        await shop.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'usher'")
        first = await mine.call("query", sql="SELECT 1 AS one")
        second = await mine.call("query", sql="SELECT 1 AS one")

    assert not first.failed or "connection was lost" in first.error or "terminat" in first.error
    assert second.output["result"]["rows"] == [{"one": 1}]
