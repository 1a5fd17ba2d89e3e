"""Older transports and versions are spoken; what worked is remembered, tried first, and left when it works no more."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from mcp.server import MCPServer

from mcp_runtime.errors import OldTransport, TokenRefused
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.database import Database
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.hand_made import Body, HandMade, called, connected, running
from tests.mcp_runtime.hand_made import result as answered
from tests.mcp_runtime.odd_server import OddServer, odd
from tests.mcp_runtime.older_server import OlderServer, older
from tests.mcp_runtime.servers import asgi, free_socket, port_of


async def look(pool: Pool) -> ToolResult:
    return await (await pool.toolset(MEMBER)).call(ToolCall("", "notes__look"))


async def kept(db: Database, connection: Connection) -> dict[str, Any]:
    async with db.read() as tables:
        row = await tables.connections.get(connection.workspace_id, connection.id)
    assert row is not None
    return row.speaks


@pytest.mark.parametrize("status", [405, 404, 400, 500, 501, 202, 200, 0])
async def test_a_server_of_the_older_kind_is_connected_to_whatever_it_says_to_a_message(
    make_pool: MakePool, connect: Connect, sqlite_db: Database, status: int
) -> None:
    async with older(OlderServer(status)) as server, asyncio.timeout(60):
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url))
        given = await look(pool)
        assert given.output["result"].startswith("seen xxx")  # more than the SDK's own transport takes
        assert "cut" in given.output
        assert set(server.sent_to) == {"/messages?sessionId=1"}
        assert await kept(sqlite_db, connection) == {"transport": "sse", "version": "2024-11-05", "offers": []}


async def test_the_sdks_own_server_of_the_older_kind_is_connected_to(make_pool: MakePool, connect: Connect) -> None:
    server, listener = MCPServer("old", log_level="CRITICAL"), free_socket()

    @server.tool()
    async def look_() -> str:
        """Looks."""
        return "seen"

    async with asgi(server.sse_app(), listener):
        pool = make_pool("127.0.0.1")
        await connect(pool, HttpSpec(f"http://127.0.0.1:{port_of(listener)}/sse"))
        given = await (await pool.toolset(MEMBER)).call(ToolCall("", "notes__look_"))
        assert given.output["result"] == "seen"
        await pool.close()


async def test_what_worked_is_opened_again_without_a_detour(make_pool: MakePool, connect: Connect) -> None:
    async with older(OlderServer()) as server:
        await connect(make_pool("127.0.0.1"), HttpSpec(server.url))
        streams = server.streams
        again = make_pool("127.0.0.1")
        assert not (await look(again)).failed
        assert server.streams == streams + 2  # `connect` here saves no `speaks`: found once, with one probe
        async with asyncio.timeout(60):
            await again.close()
        assert not (await look(make_pool("127.0.0.1"))).failed
        assert server.streams == streams + 3


async def test_a_server_that_was_brought_up_to_date_is_found_again(
    make_pool: MakePool, connect: Connect, sqlite_db: Database
) -> None:
    async with older(OlderServer()) as server:
        connection = await connect(make_pool("127.0.0.1"), HttpSpec(server.url))
        assert not (await look(make_pool("127.0.0.1"))).failed
        assert (await kept(sqlite_db, connection))["transport"] == "sse"
        server.streamable = True
        assert not (await look(make_pool("127.0.0.1"))).failed
        assert await kept(sqlite_db, connection) == {"transport": "streamable", "version": "2024-11-05", "offers": []}


async def test_a_handshake_that_worked_is_made_without_asking_first(
    make_pool: MakePool, connect: Connect, sqlite_db: Database
) -> None:
    async with odd(OddServer()) as server:
        connection = await connect(make_pool("127.0.0.1"), HttpSpec(server.url))
        await look(make_pool("127.0.0.1"))
        assert await kept(sqlite_db, connection) == {"transport": "streamable", "version": "2025-06-18", "offers": []}
        server.seen.clear()
        assert not (await look(make_pool("127.0.0.1"))).failed
        assert server.asked("server/discover") == []


async def test_messages_go_to_no_other_host(make_pool: MakePool) -> None:
    async with older(OlderServer(endpoint="http://127.0.0.2:1/messages")) as server, asyncio.timeout(60):
        with pytest.raises(OldTransport, match="another host"):
            await make_pool("127.0.0.1,127.0.0.2").try_out(HttpSpec(server.url), {}, title="Odd")
        assert server.sent_to == []


@pytest.mark.parametrize(("status", "told"), [(404, "session"), (500, "clear answer"), (401, "token")])
async def test_a_message_that_is_refused_is_answered_at_once(
    make_pool: MakePool, connect: Connect, status: int, told: str
) -> None:
    async with older(OlderServer()) as server, asyncio.timeout(60):
        pool = make_pool("127.0.0.1", call_timeout=60.0)
        await connect(pool, HttpSpec(server.url), "t")
        server.refuses, server.messages = True, status
        given = await look(pool)
        assert given.failed and told in given.error, given.error


async def test_a_stream_that_ends_ends_the_session_and_the_next_call_has_another(
    make_pool: MakePool, connect: Connect
) -> None:
    async with older(OlderServer()) as server, asyncio.timeout(60):
        pool = make_pool("127.0.0.1")
        connection = await connect(pool, HttpSpec(server.url))
        assert not (await look(pool)).failed
        server.cut.set()
        await pool._sessions.held[connection.id].live.ended()
        assert not (await look(pool)).failed


async def test_a_refused_token_is_no_sign_of_another_kind(make_pool: MakePool) -> None:
    async with older(OlderServer(401)) as server:
        with pytest.raises(TokenRefused):
            await make_pool("127.0.0.1").try_out(HttpSpec(server.url), {"token": "x"}, title="Odd")
        assert server.streams == 0


class Cutting(HandMade):
    """Its answer to a call breaks off after an event with a number; with ``resumes`` the rest is had by a GET."""

    def __init__(self, *, resumes: bool = False, cuts: int = 1) -> None:
        super().__init__(on_call=self.begin)
        self.resumes, self.cuts = resumes, cuts
        self.resumed: list[str] = []
        self.left: Body = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method != "GET" or "last-event-id" not in request.headers:
            return await super().answer(request)
        self.resumed.append(request.headers["last-event-id"])
        if not self.resumes:
            return web.Response(status=405)
        told = {"jsonrpc": "2.0", "id": self.left["id"], "result": {"content": [{"type": "text", "text": "the rest"}]}}
        return web.Response(text=f"id: 8\ndata: {json.dumps(told)}\n\n", content_type="text/event-stream")

    async def begin(self, body: Body, request: web.Request) -> web.StreamResponse:
        self.left, self.cuts = body, self.cuts - 1
        if self.cuts < 0:
            return answered(body, {"content": [{"type": "text", "text": "seen"}]})
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 10\nid: 7\ndata:\n\n" if self.resumes else b": nothing yet\n\n")
        assert request.transport is not None
        request.transport.abort()
        return response


async def test_an_answer_that_was_cut_is_resumed_where_it_was(make_pool: MakePool, connect: Connect) -> None:
    async with running(Cutting(resumes=True)) as server:
        pool, _ = await connected(make_pool, connect, server)
        given = await called(pool)
    assert given.output["result"] == "the rest"
    assert (server.resumed, server.calls) == (["7"], 1)


async def test_a_call_that_may_change_something_is_never_made_twice(make_pool: MakePool, connect: Connect) -> None:
    async with running(Cutting()) as server:
        pool, _ = await connected(make_pool, connect, server)
        given = await called(pool)
    assert given.failed and "may still have happened" in given.error
    assert server.calls == 1


@pytest.mark.parametrize(("cuts", "calls", "told"), [(1, 2, "seen"), (2, 2, "may still have happened")])
async def test_a_call_that_only_reads_is_made_once_more_in_a_new_session(
    make_pool: MakePool, connect: Connect, cuts: int, calls: int, told: str
) -> None:
    async with running(Cutting(cuts=cuts)) as server:
        pool = make_pool("127.0.0.1")
        await connect(pool, HttpSpec(server.url), free=frozenset({"look"}))
        opened = server.opened
        given = await called(pool)
    assert told in str(given.output or given.error)
    assert (server.calls, server.opened) == (calls, opened + 2)


async def test_what_a_member_always_allows_is_not_taken_for_reading(
    make_pool: MakePool, connect: Connect, sqlite_db: Database
) -> None:
    async with running(Cutting()) as server:
        pool, connection = await connected(make_pool, connect, server)
        async with sqlite_db.begin() as tables:
            assert await tables.tools.set_policy(connection.workspace_id, connection.id, "look", "always")
        assert (await called(pool)).failed
    assert server.calls == 1
