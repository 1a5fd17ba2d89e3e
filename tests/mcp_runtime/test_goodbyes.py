"""A server that takes the end of a session and never answers it: nobody waits for that, and it is given up soon."""

import asyncio

import pytest

from mcp_runtime.transports import http
from tests.mcp_runtime.conftest import Connect, MakePool
from tests.mcp_runtime.hand_made import HandMade, called, connected, errs, running

SOON = 6.0
"""Seconds: enough for all else, and fewer than whoever waits for a farewell takes."""
NEVER = 60.0


async def until_said(server: HandMade, times: int) -> None:
    while server.farewells < times:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("end", ["it was left alone", "it was lost"])
async def test_the_next_call_waits_for_no_farewell(
    end: str, make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "FAREWELL_SECONDS", NEVER)
    async with running(HandMade(clings=True)) as server:
        idle_after = 0.001 if end == "it was left alone" else 60.0
        pool, _ = await connected(make_pool, connect, server, idle_after=idle_after)
        async with asyncio.timeout(SOON):
            assert (await called(pool)).output["result"] == "seen"
            if end == "it was lost":
                server.on_call, server.sessions = errs(404, -32001, "Session not found"), set()
                await called(pool)
                server.on_call = None
            await until_said(server, 2)  # that of the listing which was made to connect it was the first
            assert (await called(pool)).output["result"] == "seen"
        monkeypatch.setattr(http, "FAREWELL_SECONDS", 0.0)
        server.gate.set()


async def test_a_tool_is_disconnected_at_once(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "FAREWELL_SECONDS", NEVER)
    async with running(HandMade(clings=True)) as server:
        pool, connection = await connected(make_pool, connect, server)
        await called(pool)
        async with asyncio.timeout(SOON):
            await pool.forget(connection.id)
            await until_said(server, 2)
        server.gate.set()


async def test_the_end_of_usher_waits_only_so_long(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "FAREWELL_SECONDS", 0.05)
    async with running(HandMade(clings=True)) as server:
        pool, _ = await connected(make_pool, connect, server)
        await called(pool)
        async with asyncio.timeout(SOON):
            await pool.close()
        assert server.farewells == 2 and not server.gate.is_set()
