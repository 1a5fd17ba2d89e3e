"""Bounds on what runs at once, fair and safe to break off; a server that fails and fails is left alone, in words."""

import asyncio

from mcp_runtime.errors import HostUnreachable, RateLimited, ServerError
from mcp_runtime.sessions.lifetime import slots
from mcp_runtime.sessions.lifetime.backoff import LONGEST, MANY, Backoff
from mcp_runtime.sessions.lifetime.slots import OF_CONNECTION, OF_MEMBER, Slots
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.progress import Progress, heard_by
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from storage.schema import now
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool, Offered
from tests.mcp_runtime.odd_server import TOOL, OddServer, odd
from tests.mcp_runtime.servers import TOKEN, notes_server


async def test_a_member_has_so_many_calls_at_once_over_all_connections_and_no_server_takes_them_all(
    make_pool: MakePool, connect: Connect
) -> None:
    async with notes_server() as one, notes_server() as two, notes_server() as three:
        pool = make_pool("127.0.0.1")
        for name, server in (("One", one), ("Two", two), ("Three", three)):
            await connect(pool, HttpSpec(server.url), TOKEN, title=name)
        tools = await pool.toolset(MEMBER)
        calls = [asyncio.create_task(tools.call(ToolCall("", "one__wait"))) for _ in range(2 * OF_CONNECTION)]
        async with asyncio.timeout(60):
            while one.running < OF_CONNECTION:
                await asyncio.sleep(0.01)
        assert not (await tools.call(ToolCall("", "two__list_notes"))).failed
        calls += [
            asyncio.create_task(tools.call(ToolCall("", f"{name}__wait")))
            for name in ("two", "three")
            for _ in range(OF_CONNECTION)
        ]
        async with asyncio.timeout(60):
            while one.running + two.running + three.running < OF_MEMBER:
                await asyncio.sleep(0.01)
        for server in (one, two, three):
            server.gate.set()
        results = await asyncio.gather(*calls)
    assert not any(each.failed for each in results)
    assert one.most_at_once == OF_CONNECTION


async def test_who_waits_for_a_slot_is_told_and_may_give_up() -> None:
    heard: list[Progress] = []
    crowd = Slots(1)
    slots_before, slots.QUIET_SECONDS = slots.QUIET_SECONDS, 0.01
    entered = asyncio.Event()

    async def wait() -> None:
        with heard_by(heard.append):
            async with crowd.one():
                entered.set()

    try:
        async with crowd.one():
            gives_up, waits = asyncio.create_task(wait()), asyncio.create_task(wait())
            async with asyncio.timeout(60):
                while len(heard) < 2:
                    await asyncio.sleep(0.01)
            gives_up.cancel()
            await asyncio.wait({gives_up})
            assert not entered.is_set()
        await asyncio.wait_for(waits, 60)
    finally:
        slots.QUIET_SECONDS = slots_before
    assert entered.is_set()
    assert heard[0].words == slots.WAITS


def test_after_some_failures_in_a_row_it_is_told_how_long_it_is_left_alone() -> None:
    at = [0.0]
    backoff = Backoff(clock=lambda: at[0])
    for failure in range(1, 12):
        backoff.failed(HostUnreachable("S"))
        resting = backoff.resting()
        assert isinstance(resting, ServerError) and resting.reason == HostUnreachable.reason
        assert backoff.open == (failure >= MANY) == ("times in a row" in resting.cure)
        assert 0 < backoff.left <= LONGEST * 1.2
        at[0] += backoff.left
        assert backoff.resting() is None
    backoff.worked()
    assert not backoff.open and backoff.left == 0


def test_a_servers_own_wish_goes_before() -> None:
    backoff = Backoff(clock=lambda: 0.0)
    for _ in range(MANY + 1):
        backoff.failed(RateLimited("S", 120))
    resting = backoff.resting()
    assert isinstance(resting, RateLimited) and "2 minutes" in resting.cure


async def test_people_see_when_a_server_that_fails_is_tried_again(
    make_pool: MakePool, connect: Connect, sqlite_db: Database
) -> None:
    server = OddServer()
    async with odd(server):
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url), title="Odd")
    for _ in range(MANY):
        try:
            await pool.listing(connection)
        except ServerError:
            continue
    async with sqlite_db.read() as tables:
        row = await tables.connections.get(connection.workspace_id, connection.id)
    assert row is not None and row.status == "failing"
    assert row.retry_at is not None and row.retry_at > now()
    given = await (await pool.toolset(MEMBER)).call(ToolCall("", "odd__look"))
    assert "It failed 5 times in a row, so I leave it alone for another" in given.error


async def test_a_tool_that_wants_to_be_a_task_is_left_out_by_name(offered: Offered) -> None:
    tools = [{**TOOL, "name": name, "execution": {"taskSupport": name}} for name in ("required", "optional")]
    offer = await offered(OddServer({"initialize": _newest()}, tools=[*tools, TOOL]))
    assert [tool.name for tool in offer.tools] == ["optional", "look"]
    assert [(each.name, "as a task" in each.reason) for each in offer.left_out] == [("required", True)]


def _newest() -> dict[str, object]:
    server = {"name": "odd", "version": "1"}
    return {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": server}
