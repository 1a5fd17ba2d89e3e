"""Large resources and prompts are made small where large results are; how much there was is told."""

import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from mcp_runtime.left_out import MARK
from mcp_runtime.offerings import asking
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools import results
from mcp_runtime.tools.results import MAX_TEXT
from mcp_runtime.tools.tools import ToolCall
from mcp_runtime.transports.large import shrink
from storage.tables import Connection
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.odd_server import OddServer, odd

Holding = Callable[[dict[str, Any]], Awaitable[tuple[Pool, Connection]]]


@pytest.fixture
async def holding(make_pool: MakePool, connect: Connect) -> AsyncIterator[Holding]:
    """Connect a server that has but this to read, and this to prompt with."""
    async with AsyncExitStack() as stack:

        async def made(given: dict[str, Any]) -> tuple[Pool, Connection]:
            server = OddServer({"resources/read": given, "prompts/get": given, "tools/call": given})
            await stack.enter_async_context(odd(server))
            pool = make_pool("127.0.0.1", call_timeout=60.0)
            stack.push_async_callback(pool.close)
            return pool, await connect(pool, HttpSpec(server.url), title="Odd")

        yield made


@pytest.mark.parametrize("number", [1, 3000])
async def test_of_a_large_resource_the_beginning_is_told_and_all_is_counted(holding: Holding, number: int) -> None:
    text = "éa" * (900_000 // number)
    pool, connection = await holding({"contents": [{"uri": "a:b", "text": text}] * number})
    given = (await pool.ask(connection, lambda client: asking.contents(client, "Odd", "a:b"))).output
    assert len(given["result"]) <= MAX_TEXT and str(len(text) * number)[:4] in given["cut"]


async def test_beside_a_large_file_of_a_resource_its_text_is_told(holding: Holding) -> None:
    blob = {"uri": "a:c", "mimeType": "image/png", "blob": "A" * 4_000_000}
    pool, connection = await holding({"contents": [{"uri": "a:b", "text": "beside"}, blob]})
    given = await pool.ask(connection, lambda client: asking.contents(client, "Odd", "a:b"))
    assert given.output["result"] == "beside" and [len(each.content) for each in given.files] == [3_000_000]


async def test_of_a_large_prompt_the_beginning_is_told_without_its_pictures(holding: Holding) -> None:
    picture = {"role": "user", "content": {"type": "image", "mimeType": "image/png", "data": "A" * 3_000_000}}
    long = {"role": "assistant", "content": {"type": "text", "text": "long " * 500_000}}
    pool, connection = await holding({"messages": [picture, long]})
    text, cut = await pool.ask(connection, lambda client: asking.prompt_text(client, "greet", {}))
    assert cut and text.startswith("(image, left out)\n\nAssistant: long long")


@pytest.mark.parametrize("what", ["called", "read"])
async def test_a_large_file_is_decoded_beside_the_event_loop(
    holding: Holding, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    on = list[threading.Thread]()

    def decoded(encoded: str) -> bytes:
        on.append(threading.current_thread())
        return b"decoded"

    monkeypatch.setattr(results, "_decoded", decoded)
    file = {"type": "image", "mimeType": "image/png", "data": "A" * 400_000}
    blob = {"uri": "a:c", "mimeType": "image/png", "blob": "A" * 400_000}
    pool, connection = await holding({"contents": [blob], "content": [file]})
    if what == "read":
        given = await pool.ask(connection, lambda client: asking.contents(client, "Odd", "a:c"))
    else:
        toolset = await pool.toolset(MEMBER)
        given = await toolset.call(ToolCall("", toolset.tools[0].name, {}))
    assert [each.content for each in given.files] == [b"decoded"] and threading.current_thread() not in on


@pytest.mark.parametrize("method", ["resources/read", "prompts/get"])
def test_what_is_handed_on_of_them_is_small(method: str) -> None:
    text = "x" * 7_000_000
    message = {"role": "user", "content": {"type": "text", "text": text}}
    given = {"contents": [{"uri": "a:b", "text": text}], "messages": [message]}
    raw = json.dumps({"jsonrpc": "2.0", "id": 1, "result": given}).encode()
    small = shrink.shrunk(raw, {"1": method}, MARK)
    assert small is not None and len(small) < 200_000
