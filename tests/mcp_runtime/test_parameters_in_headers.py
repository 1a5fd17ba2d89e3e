"""What a tool's definition puts into headers: a strict server refuses a call that does not, and is asked anew."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pytest
from mcp import types
from mcp.server import MCPServer
from pydantic import Field

from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import ToolCall
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.odd_server import TOOL, OddServer, Refusal, odd
from tests.mcp_runtime.servers import asgi, free_socket, port_of

MISMATCH = Refusal(types.HEADER_MISMATCH, "Header mismatch: Mcp-Param-Region header is missing", status=400)


@asynccontextmanager
async def strict() -> AsyncIterator[tuple[MCPServer, HttpSpec]]:
    server, listener = MCPServer("strict", log_level="CRITICAL"), free_socket()
    offer(server, "Region")
    async with asgi(server.streamable_http_app(), listener):
        yield server, HttpSpec(f"http://127.0.0.1:{port_of(listener)}/mcp")


def offer(server: MCPServer, header: str) -> None:
    @server.tool()
    async def ship(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": header})]) -> str:
        """Ships it."""
        return f"shipped to {region}"


async def test_a_strict_server_gets_what_belongs_into_headers(make_pool: MakePool, connect: Connect) -> None:
    async with strict() as (_, spec):
        pool = make_pool("127.0.0.1")
        await connect(pool, spec, title="Strict")
        tools = await pool.toolset(MEMBER)
        given = await tools.call(ToolCall("", "strict__ship", {"region": "Türkiye"}))
        assert given.output["result"] == "shipped to Türkiye"


async def test_a_tool_that_has_come_to_want_other_headers_is_not_called_before_it_was_seen(
    make_pool: MakePool, connect: Connect
) -> None:
    async with strict() as (server, spec):
        pool = make_pool("127.0.0.1")
        await connect(pool, spec, title="Strict")
        tools = await pool.toolset(MEMBER)
        server.remove_tool("ship")
        offer(server, "Country")
        given = await tools.call(ToolCall("", "strict__ship", {"region": "Peru"}))
        assert given.error.startswith("Strict has changed this tool since it was accepted")


@pytest.mark.parametrize("refusals", [1, 2])
async def test_a_call_that_is_refused_for_its_headers_is_made_once_more_after_the_tools_were_listed_anew(
    refusals: int, make_pool: MakePool, connect: Connect
) -> None:
    left = [MISMATCH] * refusals

    def answer(_: Any) -> Any:
        return left.pop() if left else {"content": [{"type": "text", "text": "seen"}]}

    async with odd(OddServer({"tools/call": answer}, tools=[TOOL])) as server:
        pool = make_pool("127.0.0.1")
        await connect(pool, HttpSpec(server.url), title="Odd")
        given = await (await pool.toolset(MEMBER)).call(ToolCall("", "odd__look"))
        assert given.error.startswith("Odd refused the call") if refusals == 2 else given.output["result"] == "seen"
        assert [each["method"] for each in server.seen][-3:] == ["tools/call", "tools/list", "tools/call"]
