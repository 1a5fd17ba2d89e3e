"""What databases answer without end, or in one enormous piece: cut off, said, and the next question is answered."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from redis.asyncio import Redis

from mcp_runtime.own_servers import postgres as postgres_server
from mcp_runtime.own_servers import redis as redis_server
from mcp_runtime.own_servers.running import Asked
from tests.own_servers.places import PASSWORD, relayed
from tests.support.postgres import Postgres

LARGE = 20_000_000
CUT = "The answer was longer than 8 MB and was cut off. "


async def told(server: MCPServer, tool: str, **arguments: Any) -> dict[str, Any]:
    return dict((await server.call_tool(tool, arguments)).structured_content or {})  # type: ignore[union-attr]


# --- PostgreSQL
@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[MCPServer]:
    with postgres.database() as url:
        async with relayed(postgres.home / ".s.PGSQL.5432") as port:
            name = urlsplit(url).path.strip("/")
            address = f"postgresql://postgres@127.0.0.1:{port}/{name}"
            async with await postgres_server.connected(Asked(address, "none", writing=True)) as pool:
                yield postgres_server.made(pool, writing=True)


async def test_rows_of_twenty_megabytes_are_cut_off_and_the_database_is_asked_on(database: MCPServer) -> None:
    with pytest.raises(ToolError, match=CUT + "Nothing was changed. Ask for fewer rows or columns"):
        await told(database, "query", sql="SELECT repeat('x', 20000000) AS body FROM generate_series(1, 3)")
    assert (await told(database, "query", sql="SELECT 1 AS one"))["rows"] == [{"one": 1}]
    one_row = await told(database, "query", sql="SELECT repeat('x', 50000) AS body")
    assert one_row["rows"] == [] and "left(body, 1000)" in one_row["note"]


async def test_a_change_whose_answer_is_cut_off_is_taken_back(database: MCPServer) -> None:
    await told(database, "execute", sql="CREATE TABLE kept (body text)")
    long = "INSERT INTO kept SELECT repeat('x', 10000000) RETURNING body"
    with pytest.raises(ToolError, match="Nothing was changed"):
        await told(database, "execute", sql=long)
    assert (await told(database, "query", sql="SELECT count(*) AS n FROM kept"))["rows"] == [{"n": 0}]


async def test_json_too_deep_to_be_read_is_said_so(database: MCPServer) -> None:
    with pytest.raises(ToolError, match="nested too deeply to be read"):
        await told(database, "query", sql="SELECT (repeat('[', 5000) || repeat(']', 5000))::jsonb AS deep")
    assert (await told(database, "query", sql="SELECT 1 AS one"))["rows"] == [{"one": 1}]


# --- Redis
@pytest.fixture
async def store(redis_port: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[MCPServer, Redis]]:
    monkeypatch.setenv("SERVER_PASSWORD", PASSWORD)
    asked = Asked(f"redis://127.0.0.1:{redis_port}/1", "none", writing=True)
    async with await redis_server.connected(asked) as client:
        await client.flushdb()
        yield redis_server.made(client, writing=True), client
        await client.flushdb()


async def test_values_of_twenty_megabytes_are_cut_off_and_redis_is_asked_on(store: tuple[MCPServer, Redis]) -> None:
    server, client = store
    await client.setrange("large", LARGE - 1, "x")
    await client.set("small", "v")
    with pytest.raises(ToolError, match=CUT + "Ask for a part, as with GETRANGE"):
        await told(server, "read", command="GET", arguments=["large"])
    assert await told(server, "read", command="GET", arguments=["small"]) == {"result": "v"}
    with pytest.raises(ToolError, match=CUT + "The command itself was carried out"):
        await told(server, "write", command="GETDEL", arguments=["large"])
    assert await client.exists("large") == 0


async def test_many_keys_are_looked_at_so_far_and_no_further(
    store: tuple[MCPServer, Redis], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = store
    monkeypatch.setattr(redis_server, "MOST_LOOKS", 3)
    await client.mset({f"key:{each}": "v" for each in range(20_000)})
    found = await told(server, "scan_keys", pattern="none:*")
    assert found["keys"] == [] and "About 3,000 keys were looked at, and not all" in found["note"]
    [words] = [line for line in found["note"].split(": ") if line.startswith("read, ")]
    command, *arguments = words.removeprefix("read, ").rstrip(".").split()
    assert len((await told(server, "read", command=command, arguments=arguments))["result"]) == 2


@pytest.mark.parametrize("keys", [[], ["always the same"]], ids=["nothing", "the same key"])
async def test_a_cursor_that_never_ends_does(
    store: tuple[MCPServer, Redis], monkeypatch: pytest.MonkeyPatch, keys: list[str]
) -> None:
    server, client = store
    asked = 0

    async def endless(*_: Any, **__: Any) -> tuple[int, list[str]]:
        nonlocal asked
        asked += 1
        return 17, keys

    monkeypatch.setattr(client, "scan", endless)
    found = await told(server, "scan_keys")
    assert asked <= redis_server.MOST_LOOKS and "not all" in found["note"] and len(found["keys"]) <= 1
