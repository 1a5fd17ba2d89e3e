"""Usher as an MCP server: the SDK's own client of either era, by a token, for the member whose it is."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from bot.services.links import Draft
from bot.web.mcp.door import MOST_OPENED
from storage.members import Member
from tests.web.caller import Caller
from tests.web.sidecar import OWNER, House
from tests.web.test_api import Program, program

ERAS = ("legacy", "2026-07-28")
ALL = ("mcp", "links:read", "links:write", "connections:read", "memory:read")
OFFERED = {
    "create_temporary_chat_link",
    "list_temporary_chat_links",
    "revoke_temporary_chat_link",
    "list_connections",
    "list_tools_of_connections",
    "test_connection",
    "search_memory",
}


@asynccontextmanager
async def connected(caller: Program, mode: str = "legacy") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        transport = streamable_http_client(f"{caller.house.url}/mcp", http_client=http)
        async with Client(transport, mode=mode, read_timeout_seconds=60) as client:
            yield client


async def said(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    return ("failed: " if answer.is_error else "") + "\n".join(each.text for each in answer.content)


async def posted(house: House, token: str = "", **headers: str) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    sent = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25", **headers}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    return await Caller(house.url).ask("POST", "/mcp", json=body, headers=sent)


async def initialized(caller: Program) -> Any:
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    sent = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {caller.token}"}
    return await Caller(caller.house.url).ask("POST", "/mcp", json=hello, headers=sent)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_client_hands_out_a_link_that_a_guest_opens_and_ends_it(house: House, mode: str) -> None:
    async with connected(await program(house, *ALL), mode) as client:
        tools = (await client.list_tools()).tools
        assert {each.name for each in tools} == OFFERED and all(each.description for each in tools)
        made = await said(client, "create_temporary_chat_link", title="Supplier survey")
        [url] = re.findall(r"http\S+/temp-chat/\S+", made)
        assert (await Caller(house.url).start(url)).status == 201
        assert "“Supplier survey”: 1 of 1 guest" in await said(client, "list_temporary_chat_links")
        assert "revoked" in await said(client, "revoke_temporary_chat_link", title="Supplier survey")
        assert "No chat link" in await said(client, "list_temporary_chat_links")
        assert "connected nothing yet" in await said(client, "list_connections")
        assert "Nothing like it" in await said(client, "search_memory", query="supplier")
    [row] = await house.tokens.of(OWNER)
    async with house.db.read() as tables:
        entries = {each.action: each for each in await tables.audit.of(OWNER.workspace)}
    assert (entries["link.created"].actor, entries["link.created"].detail["token"]) == (OWNER.id, row.id)


async def test_a_link_made_from_outside_lends_guests_none_of_its_makers_tools(house: House) -> None:
    async with connected(await program(house, *ALL)) as client:
        [create] = [each for each in (await client.list_tools()).tools if each.name == "create_temporary_chat_link"]
        assert "title" in create.input_schema["properties"] and "tools" not in create.input_schema["properties"]
        for lent in ({"tools": ["Notes: Search"]}, {"follow_here": True}):
            told = await said(client, "create_temporary_chat_link", title="Survey", **lent)
            assert told.startswith("failed: ") and "none of its maker's tools" in told
    assert await house.links.of(OWNER) == []


async def test_many_at_once_are_each_answered_as_themselves(house: House) -> None:
    members = [Member(OWNER.workspace, f"U{number}") for number in range(4)]
    for each in members:
        await house.links.create(each, Draft(f"Of {each.id}"))

    async def mine(member: Member) -> str:
        async with connected(await program(house, *ALL, member=member)) as client:
            told = [await said(client, "list_temporary_chat_links") for _ in range(3)]
        assert len(set(told)) == 1
        return told[0]

    told = await asyncio.gather(*map(mine, members))
    for member, each in zip(members, told, strict=True):
        assert re.findall(r"“Of (\w+)”", each) == [member.id]


async def test_a_token_is_shown_and_lent_only_what_it_is_good_for(house: House) -> None:
    async with connected(await program(house, "mcp", "links:read")) as client:
        assert [each.name for each in (await client.list_tools()).tools] == ["list_temporary_chat_links"]
        assert "lacks the scope links:write" in await said(client, "create_temporary_chat_link", title="No")
    assert await house.links.of(OWNER) == []
    async with house.db.read() as tables:
        assert (await tables.audit.of(OWNER.workspace, 1))[0].action == "token.refused"


async def test_without_a_good_token_it_is_told_where_to_look_and_nothing_else(house: House) -> None:
    reads = await program(house, "links:read")
    for token in ("", "ushp_x", reads.token[:-1] + "x"):
        refused = await posted(house, token)
        assert (
            refused.status == 401 and "/.well-known/oauth-protected-resource/mcp" in refused.headers["WWW-Authenticate"]
        )
    assert (await posted(house, reads.token)).status == 403, "it is not for this door"
    told = await Caller(house.url).ask("GET", "/.well-known/oauth-protected-resource/mcp")
    assert told.status == 200 and told.json["resource"] == f"{house.url}/mcp"
    good = await program(house, "mcp")
    assert (await posted(house, good.token, Host="evil.example")).status == 421
    assert (await posted(house, good.token, Origin="https://evil.example")).status == 403


async def test_a_revoked_token_and_anothers_end_a_session_at_the_next_request(house: House) -> None:
    mine, other = await program(house, *ALL), await program(house, *ALL, member=Member(OWNER.workspace, "U2"))
    opened = await initialized(mine)
    session = {"Mcp-Session-Id": {each.lower(): value for each, value in opened.headers.items()}["mcp-session-id"]}
    assert (await posted(house, mine.token, **session)).status == 200
    assert (await posted(house, other.token, **session)).status == 404
    [row] = await house.tokens.of(OWNER)
    await house.tokens.revoke(OWNER, row.id)
    assert (await posted(house, mine.token, **session)).status == 401


async def test_one_token_takes_no_more_than_its_share_of_the_sessions(house: House) -> None:
    mine, other = await program(house, *ALL), await program(house, *ALL)
    statuses = [(await initialized(mine)).status for _ in range(MOST_OPENED + 2)]
    assert statuses == [200] * MOST_OPENED + [429] * 2
    assert (await initialized(other)).status == 200
    async with connected(mine, "2026-07-28") as client:
        assert await client.list_tools(), "what has no session takes no room"
