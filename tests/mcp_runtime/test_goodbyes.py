"""A server that takes the end of a session and never answers it: nobody waits for that, and it is given up soon."""

import asyncio
from types import SimpleNamespace

import pytest

from mcp_runtime.sessions.lifetime.session_owner import SessionOwner
from mcp_runtime.transports import http
from tests.mcp_runtime.conftest import Connect, MakePool
from tests.mcp_runtime.hand_made import HandMade, called, connected, errs, running

SOON, NEVER = 60.0, 600.0
"""Seconds: enough for all else, however busy the machine is, and those that whoever waits for a farewell takes."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of who waits for the end of a session, or it would be given up within what is enough for all else."""
    monkeypatch.setitem(SessionOwner.__init__.__kwdefaults__, "patience", NEVER)


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
    limits: list[asyncio.Timeout] = []

    def limit(seconds: float | None) -> asyncio.Timeout:
        if seconds != http.FAREWELL_SECONDS:
            return asyncio.timeout(seconds)
        limits.append(asyncio.timeout(NEVER))
        return limits[-1]

    monkeypatch.setattr(http, "asyncio", SimpleNamespace(timeout=limit, to_thread=asyncio.to_thread))
    async with running(HandMade(clings=True)) as server:
        pool, _ = await connected(make_pool, connect, server)
        await called(pool)
        async with asyncio.timeout(SOON):
            closing = asyncio.create_task(pool.close())
            await until_said(server, 2)
            assert not closing.done()
            for each in limits:  # they run out now: the server has heard both by then, however late
                each.reschedule(asyncio.get_running_loop().time())
            await closing
        assert not server.gate.is_set()
