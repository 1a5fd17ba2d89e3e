"""A server that was restarted, or forgets sessions, is reached again once: what it refused was not made."""

import asyncio
import re
from collections.abc import Callable

import pytest
from aiohttp import web

from mcp_runtime.errors import ConnectFailed, ErrorAnswered, NotAnMcpServer, SessionRefused, TooSlow
from mcp_runtime.specs import HttpSpec
from tests.mcp_runtime.conftest import Connect, MakePool
from tests.mcp_runtime.hand_made import Body, HandMade, Reply, called, connected, error, errs, plain, reply, running

REFUSALS: dict[str, Callable[[Body], web.Response]] = {
    "as the protocol says": lambda body: error(body, 404, -32001, "Session not found"),
    "with the code of a time-out": lambda body: error(body, 400, -32001, "Session expired"),
    "of old Python": lambda body: error(body, 400, -32600, "Bad Request: No valid session ID provided"),
    "of old TypeScript": lambda body: error(body, 400, -32000, "Bad Request: Server not initialized"),
    "with a code of its own": lambda body: error(body, 400, -32099, "Who are you?"),
    "as an internal error": lambda body: error(body, 404, -32603, "oops"),
    "in plain text": lambda body: plain(404, "session not found"),
    "on a page": lambda body: plain(404, "<h1>Not Found</h1>", "text/html"),
    "with nothing": lambda body: plain(400),
    "gone": lambda body: plain(410, "Gone"),
    "in conflict": lambda body: plain(409, "{}", "application/json"),
    "with JSON that is cut": lambda body: plain(404, '{"jsonrpc": "2.0", "er', "application/json"),
    "with a good status": lambda body: error(body, 200, -32001, "Session not found: 0198c6f2-77"),
}


@pytest.mark.parametrize("stale", REFUSALS.values(), ids=REFUSALS)
async def test_a_call_goes_on_in_a_new_session_when_the_old_one_is_refused(
    make_pool: MakePool, connect: Connect, stale: Callable[[Body], web.Response]
) -> None:
    async with running(HandMade(stale=stale)) as server:
        pool, connection = await connected(make_pool, connect, server)
        assert (await called(pool)).output["result"] == "seen"
        server.restart()
        assert (await called(pool)).output["result"] == "seen"
        assert server.calls == 2
        server.restart()
        assert [tool.name for tool in (await pool.listing(connection)).tools] == ["look"]


async def test_a_server_that_forgets_each_session_at_once_is_told_in_a_sentence(
    make_pool: MakePool, connect: Connect
) -> None:
    """As several copies behind a balancer that share nothing."""
    async with running(HandMade()) as server:
        pool, connection = await connected(make_pool, connect, server)
        await called(pool)
        server.on_list = errs(404, -32001, "Session not found")
        server.restart()
        opened = server.opened
        result = await called(pool)
        assert "does not know the session that it has just opened" in result.error and "not made" in result.error
        assert server.opened == opened + 1 and server.calls == 1
        with pytest.raises(SessionRefused):
            await pool.listing(connection)


@pytest.mark.parametrize(
    ("on_list", "told"),
    [
        (errs(404, -32001, "Session not found"), "does not know the session that it has just opened"),
        (errs(400, -32000, "Bad Request: No valid session ID provided"), "does not know the session"),
        (reply(plain(404)), "does not know the session"),
        (reply(plain(400)), "the server refused it (HTTP 400)"),
        (errs(400, -32603, "boom"), "answered with an error of its own"),
    ],
)
async def test_a_server_that_opens_a_session_and_refuses_it_is_not_called_no_mcp_server(
    make_pool: MakePool, on_list: Reply, told: str
) -> None:
    async with running(HandMade(on_list=on_list)) as server:
        with pytest.raises(ConnectFailed, match=re.escape(told)) as failed:
            await make_pool("127.0.0.1").try_out(HttpSpec(server.url), {}, title="Notes")
        assert not isinstance(failed.value, NotAnMcpServer) and "boom" not in str(failed.value)


@pytest.mark.parametrize("keeps_sessions", [True, False])
async def test_a_refusal_of_the_call_itself_is_told_and_tried_no_third_time(
    make_pool: MakePool, connect: Connect, keeps_sessions: bool
) -> None:
    async with running(HandMade(keeps_sessions=keeps_sessions)) as server:
        server.on_call = errs(400, -32602, "color: unknown")
        pool, _ = await connected(make_pool, connect, server)
        fresh = await called(pool)
        assert fresh.error == "Notes refused the call, and says: color: unknown"
        assert server.calls == 1
        again = await called(pool)
        assert again.error == fresh.error
        assert server.calls == (3 if keeps_sessions else 2)


async def test_a_plain_refusal_names_its_status_and_no_words_of_the_sdk(make_pool: MakePool, connect: Connect) -> None:
    async with running(HandMade()) as server:
        server.on_call = reply(plain(413, "<h1>too much</h1>", "text/html"))
        pool, _ = await connected(make_pool, connect, server)
        assert "the server refused it (HTTP 413). The call was not made" in (await called(pool)).error


async def test_what_others_have_asked_in_the_old_session_is_still_answered(
    make_pool: MakePool, connect: Connect
) -> None:
    async with running(HandMade()) as server:
        waiting = asyncio.Event()

        async def slowly(body: Body, request: web.Request) -> web.StreamResponse:
            if not waiting.is_set():
                waiting.set()
                await server.gate.wait()
            return web.json_response({"jsonrpc": "2.0", "id": body["id"], "result": {"content": []}})

        server.on_call = slowly
        pool, _ = await connected(make_pool, connect, server)
        first = asyncio.create_task(called(pool))
        await asyncio.wait_for(waiting.wait(), 60)
        server.restart()
        assert not (await called(pool)).failed
        server.gate.set()
        assert not (await asyncio.wait_for(first, 60)).failed


async def test_ten_calls_after_a_restart_open_one_session(make_pool: MakePool, connect: Connect) -> None:
    async with running(HandMade()) as server:
        pool, _ = await connected(make_pool, connect, server)
        await called(pool)
        opened = server.opened
        server.restart()
        results = await asyncio.gather(*(called(pool) for _ in range(10)))
        assert not any(result.failed for result in results)
        assert (server.opened, server.calls) == (opened + 1, 11)


@pytest.mark.parametrize("silent", [False, True], ids=["by an error", "by silence"])
async def test_a_listing_asks_once_more_in_a_new_session_of_a_server_that_hides_that_the_old_one_is_gone(
    make_pool: MakePool, connect: Connect, silent: bool
) -> None:
    async with running(HandMade(stale=lambda _: plain(500))) as server:
        pool, connection = await connected(make_pool, connect, server, connect_timeout=2.0 if silent else 60.0)
        await called(pool)
        if silent:
            server.on_list = lambda *_: asyncio.Event().wait()  # type: ignore[assignment, return-value]
            with pytest.raises(TooSlow):
                await pool.listing(connection)
            server.on_list = None
        else:
            server.restart()
        opened = server.opened
        assert len((await pool.listing(connection)).tools) == 1
        assert server.opened == opened + 1


async def test_a_server_that_asks_for_a_rest_during_a_call_gets_it(make_pool: MakePool, connect: Connect) -> None:
    async with running(HandMade(on_call=reply(plain(429, **{"retry-after": "90"})))) as server:
        pool, connection = await connected(make_pool, connect, server)
        assert "It asks me to wait 2 minutes" in (await called(pool)).error
        assert "It asks me to wait 2 minutes" in (await called(pool)).error
        assert server.calls == 1
        await pool.listing(connection)


async def test_an_error_in_a_listing_is_no_error_of_the_address(make_pool: MakePool, connect: Connect) -> None:
    async with running(HandMade()) as server:
        pool, connection = await connected(make_pool, connect, server)
        await called(pool)
        server.on_list = errs(200, -32603, "database is down")
        with pytest.raises(ErrorAnswered):
            await pool.listing(connection)
