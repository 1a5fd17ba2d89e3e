"""A message of a few megabytes may hold millions of values, each of which takes a hundred bytes: it is not read."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest

from mcp_runtime.errors import TooBig
from mcp_runtime.left_out import MAX_SCHEMA
from mcp_runtime.sandbox.launches import Launch
from mcp_runtime.tools.listing import MAX_BYTES, TOO_MUCH
from mcp_runtime.transports.diagnosis import TOO_LONG
from mcp_runtime.transports.mending.messages import MAX_VALUES, TooManyValues, messages_in
from mcp_runtime.transports.stdio import BoundedStdio
from tests.mcp_runtime.conftest import Called, Offered
from tests.mcp_runtime.odd_server import TOOL, OddServer, Raw, result

MANY = "[" + "[]," * MAX_VALUES + "[]]"


def answer(value: str) -> bytes:
    return b'{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"a":%s}}}' % value.encode()


@pytest.mark.parametrize("value", [MANY, "[" + "1," * MAX_VALUES + "1]", "[" + '""' * MAX_VALUES, '{"a":' * MAX_VALUES])
def test_too_many_values_are_not_read(value: str) -> None:
    with pytest.raises(TooManyValues):
        messages_in(answer(value))


@pytest.mark.parametrize("text", ["a,b\\n" * MAX_VALUES, '\\"' * MAX_VALUES, "[{" * MAX_VALUES, "\\\\" * MAX_VALUES])
def test_what_stands_in_a_text_is_one_value(text: str) -> None:
    (message,) = messages_in(answer(f'["{text}"]'))
    assert "result" in message.model_dump()


@pytest.mark.parametrize("sent", ["json", "events"])
async def test_such_an_answer_of_a_server_is_too_big(called: Called, sent: str) -> None:
    whole = result('{"structuredContent":{"a":' + MANY + "}}")
    raw = Raw(f"data: {whole}\n\n", "text/event-stream") if sent == "events" else Raw(whole)
    given = await called(OddServer({"tools/call": raw}))
    assert TooBig.reason in given.error


async def test_what_is_not_even_called_an_answer_is_none(called: Called) -> None:
    whole = result('{"structuredContent":{"a":' + MANY + "}}")
    assert (await called(OddServer({"tools/call": Raw(whole, "text/plain")}))).failed


async def test_such_a_line_of_a_program_ends_it() -> None:
    @contextmanager
    def prepare() -> Iterator[Launch]:
        line = f"b'[' + b'[],' * {MAX_VALUES} + b'[]]\\n'"
        yield Launch(
            [sys.executable, "-c", f"import os, sys; sys.stdout.buffer.write({line}); input()"], {}, (), 1 << 28
        )

    transport = BoundedStdio(prepare, grace=0.05)
    async with transport as (read, _):
        with pytest.raises(anyio.EndOfStream):
            await read.receive()
    assert transport.why == TOO_LONG


async def test_a_list_of_large_tools_is_left_off_where_it_is_more_than_can_be_held(offered: Offered) -> None:
    """Page by page: all of them would be held at once."""
    pages = 0

    def page(message: dict[str, object]) -> dict[str, object]:
        nonlocal pages
        pages += 1
        named = [f"t{pages}_{number}" for number in range(MAX_BYTES // 3 // MAX_SCHEMA + 2)]
        tools = [{**TOOL, "name": name, "description": "x" * (MAX_SCHEMA - 200)} for name in named]
        return {"tools": [*([TOOL] if pages == 1 else []), *tools], "nextCursor": str(pages)}

    offer = await offered(OddServer({"tools/list": page}))
    assert pages == 3 and TOO_MUCH in offer.left_out
    assert offer.tools[0].name == TOOL["name"]
