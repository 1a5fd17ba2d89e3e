"""The Redis card, against a real server."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from mcp_runtime.errors import AuthorizationNeeded, ServerError
from run_cards.databases.redis import CARD
from tests.own_servers.conftest import Connects
from tests.own_servers.places import PASSWORD


@pytest.fixture
async def store(redis_port: int) -> AsyncIterator[Redis]:
    async with Redis(port=redis_port, password=PASSWORD, decode_responses=True) as client:
        await client.flushall()
        await client.hset("user:1", mapping={"name": "Ada", "town": "London"})
        await client.rpush("queue", "a", "b", "c")
        await client.set("greeting", "hello", ex=100)
        yield client


async def test_keys_and_values_are_read(connects: Connects, redis_port: int, store: Redis) -> None:
    mine = await connects(CARD, PASSWORD, address=f"redis://127.0.0.1:{redis_port}/0", tls="none")

    assert await mine.tools() == {"scan_keys": False, "read": False}
    found = (await mine.call("scan_keys", pattern="*e*")).output["result"]["keys"]
    assert {(each["key"], each["type"]) for each in found} == {
        ("user:1", "hash"),
        ("queue", "list"),
        ("greeting", "string"),
    }
    told = await mine.call("read", command="HGETALL", arguments=["user:1"])
    assert told.output["result"] == {"name": "Ada", "town": "London"}
    listed = await mine.call("read", command="lrange", arguments=["queue", "0", "-1"])
    assert listed.output["result"] == ["a", "b", "c"]
    assert (await mine.call("read", command="OBJECT", arguments=["ENCODING", "greeting"])).output["result"] == "embstr"


NOT_READING = [
    ("SET", ["greeting", "bye"]),
    ("FLUSHALL", []),
    ("EVAL", ["return redis.call('flushall')", "0"]),
    ("CONFIG", ["SET", "dir", "/tmp"]),
    ("KEYS", ["*"]),
    ("SORT", ["queue", "STORE", "greeting"]),
    ("GETEX", ["greeting", "PERSIST"]),
    ("OBJECT", ["FREQ2"]),
    ("DEBUG", ["SLEEP", "10"]),
    (" set ", ["greeting", "bye"]),
]


async def test_what_is_no_reading_command_is_refused(connects: Connects, redis_port: int, store: Redis) -> None:
    mine = await connects(CARD, PASSWORD, address=f"redis://127.0.0.1:{redis_port}", tls="none")

    for command, arguments in NOT_READING:
        told = await mine.call("read", command=command, arguments=arguments)
        assert "is not among the commands" in told.error, command
    assert await store.get("greeting") == "hello" and await store.ttl("greeting") > 0


async def test_changes_ask_and_reach_the_database(connects: Connects, redis_port: int, store: Redis) -> None:
    mine = await connects(CARD, PASSWORD, address=f"redis://127.0.0.1:{redis_port}", tls="none", writes="on")

    assert (await mine.tools())["write"] is True
    assert not (await mine.call("write", command="SET", arguments=["greeting", "good day"])).failed
    assert await store.get("greeting") == "good day"
    assert "is not among" in (await mine.call("write", command="FLUSHDB", arguments=[])).error
    assert "Redis says: " in (await mine.call("write", command="INCR", arguments=["greeting"])).error


async def test_a_wrong_password_and_a_closed_port_are_told_apart(connects: Connects, redis_port: int) -> None:
    with pytest.raises(ServerError, match="refused the password"):
        await connects(CARD, "wrong", address=f"redis://127.0.0.1:{redis_port}", tls="none")
    with pytest.raises(ServerError, match="nothing that answers"):
        await connects(CARD, "", address="redis://127.0.0.1:1999", tls="none")


async def test_a_password_that_was_left_out_and_is_wanted_is_asked_for(connects: Connects, redis_port: int) -> None:
    with pytest.raises(AuthorizationNeeded):
        await connects(CARD, "", address=f"redis://127.0.0.1:{redis_port}", tls="none")
