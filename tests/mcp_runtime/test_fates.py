"""What may have happened is never called refused, and no word of the SDK passes for the server's."""

import asyncio
import inspect
import re
from pathlib import Path

import pytest
from aiohttp import web
from mcp import MCPError
from mcp.client import streamable_http
from mcp.shared import jsonrpc_dispatcher

from mcp_runtime.transports.refusals import MADE_HERE, about_session
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.hand_made import (
    CALL,
    Body,
    HandMade,
    Reply,
    called,
    connected,
    error,
    errs,
    plain,
    reply,
    running,
)

PERHAPS = "may still have happened"


async def cut(body: Body, request: web.Request) -> web.StreamResponse:
    """A stream that ends before the answer."""
    stream = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await stream.prepare(request)
    await stream.write(b": hi\n\n")
    return stream


async def hangs_up(body: Body, request: web.Request) -> web.StreamResponse:
    """It has read the call, and is gone."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


OPEN = {
    **{str(status): reply(plain(status, "<h1>Sorry</h1>", "text/html")) for status in (500, 502, 503, 504, 520, 524)},
    "500 with an error": errs(500, -32603, "boom"),
    "cut": cut,
    "hangs up": hangs_up,
    "accepted": reply(plain(202)),
    "page": reply(plain(200, "<h1>Log in</h1>", "text/html")),
    "no JSON": reply(plain(200, "{", "application/json")),
}


@pytest.mark.parametrize("on_call", OPEN.values(), ids=OPEN)
async def test_a_call_without_a_clear_answer_may_have_happened(
    make_pool: MakePool, connect: Connect, on_call: Reply
) -> None:
    async with running(HandMade(on_call=on_call)) as server:
        pool, _ = await connected(make_pool, connect, server)
        told = (await called(pool)).error
    assert PERHAPS in told and "refused" not in told
    assert not any(
        word in told for word in ("error response", "SSE", "validation", "jsonrpc", "Unexpected", "Accepted")
    )
    assert server.calls == 1


REFUSED: dict[str, tuple[Reply, str]] = {
    "an error": (errs(200, -32050, "no such city"), "says: no such city"),
    "an error that looks like a time-out": (
        errs(200, -32001, "quota spent"),
        "says: quota spent",
    ),
    "an error that looks like a loss": (
        errs(200, -32000, "printer closed"),
        "says: printer closed",
    ),
    "401": (reply(plain(401)), "wants a token"),
    "403": (reply(plain(403)), "wants a token"),
    "429": (reply(plain(429, **{"retry-after": "30"})), "wait 30 seconds"),
    "redirect": (reply(plain(302, location="https://else.example/x?key=k")), "on to else.example. The call was not"),
}


@pytest.mark.parametrize(("on_call", "told"), REFUSED.values(), ids=REFUSED)
async def test_a_call_that_was_refused_is_told_so(
    make_pool: MakePool, connect: Connect, on_call: Reply, told: str
) -> None:
    async with running(HandMade(on_call=on_call)) as server:
        pool, _ = await connected(make_pool, connect, server)
        refused = await called(pool)
    assert told in refused.error and PERHAPS not in refused.error and not refused.timed_out
    assert "key=k" not in refused.error


async def test_a_server_that_is_down_has_not_been_asked(make_pool: MakePool, connect: Connect) -> None:
    async with running(HandMade()) as server:
        pool, _ = await connected(make_pool, connect, server)
        await called(pool)
    told = (await called(pool)).error
    assert "The call was not made" in told and PERHAPS not in told


async def test_a_listing_that_fails_before_a_call_means_that_it_was_not_made(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(HandMade()) as server:
        pool, _ = await connected(make_pool, connect, server)
        await called(pool)
        monkeypatch.setattr("mcp_runtime.sessions.handshake.FRESH_SECONDS", 0.0)
        server.on_list = reply(plain(503, "<h1>Sorry</h1>", "text/html"))
        told = (await called(pool)).error
    assert "HTTP 503). The call was not made" in told and PERHAPS not in told and server.calls == 1


async def test_one_calls_refusal_says_nothing_of_another(make_pool: MakePool, connect: Connect) -> None:
    """While one is told 401, the others that run beside it get their own answers."""

    async def by_turns(body: Body, request: web.Request) -> web.StreamResponse:
        if server.calls % 2:
            return plain(401)
        await server.gate.wait()
        return error(body, 200, -32050, "mine")

    async with running(HandMade(on_call=by_turns)) as server:
        pool, _ = await connected(make_pool, connect, server)
        tools = await pool.toolset(MEMBER)
        calls = [asyncio.create_task(tools.call(CALL)) for _ in range(6)]
        async with asyncio.timeout(60):
            while server.calls < 6:
                await asyncio.sleep(0)
        server.gate.set()
        told = [each.error for each in await asyncio.gather(*calls)]
    assert sorted("mine" in each for each in told) == [False] * 3 + [True] * 3


def test_the_sdks_own_errors_are_those_that_we_know() -> None:
    """A newer SDK that words them otherwise would pass for the server."""
    known = [words for each in MADE_HERE.values() for words in each]
    source = Path(inspect.getfile(streamable_http)).read_text()
    whole = source + Path(inspect.getfile(jsonrpc_dispatcher)).read_text()
    assert [words for words in known if words not in whole] == []
    made = re.findall(r"(?:message=|return |original_request_id, |message\.id,\s+)f?\"([^\"{]+)", source)
    assert len(made) >= 9
    assert [words for words in made if not words.startswith(tuple(known))] == []


OWN_WORDS = ["Session closed", "Session expired", "Invalid session 'build-42'", "No active session"]


@pytest.mark.parametrize("words", OWN_WORDS)
async def test_a_tools_own_words_about_a_session_repeat_no_call(
    make_pool: MakePool, connect: Connect, words: str
) -> None:
    async with running(HandMade(on_call=errs(200, -32603, words))) as server:
        pool, _ = await connected(make_pool, connect, server)
        told = (await called(pool)).error
        assert server.calls == 1
        told = (await called(pool)).error  # in a session that has been used before
    assert words in told and server.calls == 2
    assert server.opened == 2  # once to be tried out


def test_an_errors_words_are_many_or_few_and_looked_through_at_once() -> None:
    """They are the server's; searched for names of sessions, these would stop all of Usher for hours."""
    assert not about_session(MCPError(-32600, "a-" * 400_000))
    assert about_session(MCPError(-32600, "Invalid session"))


@pytest.mark.parametrize("status", [408, 425, 499])
async def test_what_a_gateway_broke_off_is_not_called_again_and_may_have_happened(
    make_pool: MakePool, connect: Connect, status: int
) -> None:
    async with running(HandMade()) as server:
        pool, _ = await connected(make_pool, connect, server)
        assert not (await called(pool)).error
        server.on_call = reply(plain(status))
        assert PERHAPS in (await called(pool)).error
    assert server.calls == 2
