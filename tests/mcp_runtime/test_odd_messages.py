"""Envelopes, events and lines as servers written by hand send them: what answers is found, the rest passed over."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.tools import ToolCall, ToolResult
from mcp_runtime.transports.mending.bodies import MAX_EVENT, MendedEvents, answer_to
from mcp_runtime.transports.mending.messages import encoded, mended
from tests.mcp_runtime.conftest import MEMBER, Called, Connect, MakePool
from tests.mcp_runtime.odd_server import OddServer, Raw, events, result, said
from tests.mcp_runtime.servers import scripted

SEEN = said("seen")
HEARTBEATS = ['{"type":"heartbeat"}', "ping", "{}", "[]", "null", "1", '"x"', '{"level":"error","error":"disk full"}']
NOBODYS = f'{{"jsonrpc":"2.0","id":"{"9" * 5000}","result":{{}}}}'
LOG_LINES = [*HEARTBEATS, "Server listening on port 3000", '{"jsonrpc":"2.0"', "\ufeff", "=" * 70, '{"method":4}']


async def answer(called: Called, given: Raw) -> ToolResult:
    return await called(OddServer({"tools/call": given}))


@pytest.mark.parametrize("beat", HEARTBEATS)
async def test_an_event_that_is_no_message_is_passed_over(called: Called, beat: str) -> None:
    given = events(f"data: {beat}", f"id: 7\nevent: message\ndata: {beat}", f"data: {SEEN}")
    assert (await answer(called, given)).output["result"] == "seen"


@pytest.mark.parametrize("number", ["null", "0", '"beat"', "987654"])
async def test_an_answer_to_something_else_is_passed_over_when_ours_comes(called: Called, number: str) -> None:
    beat = '{"jsonrpc":"2.0","id":' + number + ',"result":{"content":"beat"}}'
    assert (await answer(called, events(f"data: {beat}", f"data: {SEEN}"))).output["result"] == "seen"


async def test_a_server_that_always_sends_the_same_number_is_answered(called: Called) -> None:
    assert (await answer(called, events("data: " + SEEN.replace("%ID%", "987654")))).output["result"] == "seen"


@pytest.mark.parametrize(
    "stream",
    [
        f": hello\n\nretry: 10\n\ndata: {SEEN}\n\n",
        f"event: message\r\ndata: {SEEN}\r\n\r\n",
        f"data:{SEEN}\r\r",
        f"data: {SEEN}\n",
        f"event: ping\ndata: {{}}\n\ndata: {SEEN}\n\n",
        'data: {"jsonrpc":"2.0","method":"notifications/message","params":null}\n\n' + f"data: {SEEN}\n\n",
        "data: " + SEEN.replace(',"result"', ',\ndata: "result"') + "\n\n",
        "data: [" + SEEN + "]\n\n",
        "data: " + SEEN.replace("%ID%", "null") + "\n\n",
    ],
)
async def test_streams_are_read_however_they_are_written(called: Called, stream: str) -> None:
    assert (await answer(called, Raw(stream, "text/event-stream"))).output["result"] == "seen"


@pytest.mark.parametrize(
    "body",
    [
        SEEN.replace("%ID%", '"%ID%"'),
        SEEN.replace("%ID%", "%ID%.0"),
        SEEN.replace("%ID%", "null"),
        SEEN.replace('"id":%ID%,', ""),
        SEEN.replace("%ID%", "12345"),
        SEEN.replace('"jsonrpc":"2.0",', ""),
        SEEN.replace("2.0", "1.0"),
        SEEN[:-1] + ',"error":null}',
        SEEN[:-1] + ',"error":false,"extra":[]}',
        f"[{SEEN}]",
        '[{"jsonrpc":"2.0","method":"notifications/progress","params":[]},' + SEEN + "]",
        "\ufeff" + SEEN,
        "\r\n  " + SEEN + "\n",
        '{"jsonrpc":"2.0","method":"notifications/message"}\n' + SEEN + "\n",
        "<br />\n<b>Warning</b>: Undefined variable $x in <b>/srv/mcp.php</b> on line 4\n" + SEEN,
    ],
)
async def test_the_answer_is_found_whatever_its_envelope(called: Called, body: str) -> None:
    assert (await answer(called, Raw(body))).output["result"] == "seen"


@pytest.mark.parametrize(
    "kind",
    [None, "text/html; charset=UTF-8", "text/plain", "text/plain; charset=utf-8", "application/json-rpc", "text/json"],
)
@pytest.mark.parametrize("status", [200, 201, 202])
async def test_an_answer_counts_whatever_it_is_called(called: Called, kind: str | None, status: int) -> None:
    assert (await answer(called, Raw(SEEN, kind, status))).output["result"] == "seen"


async def test_an_answer_that_is_only_called_accepted_counts(called: Called) -> None:
    assert (await answer(called, Raw(SEEN, status=202))).output["result"] == "seen"


TEXTS = [
    (said("cut ").replace("cut ", "cut \\ud83d"), "cut \ufffd"),
    (said("cut ").replace("cut ", "\\ude00 cut"), "\ufffd cut"),
    (said("whole ").replace("whole ", "whole \\ud83d\\ude00"), "whole \N{GRINNING FACE}"),
    (said("nul ").replace("nul ", "nul \\u0000"), "nul "),
]


@pytest.mark.parametrize(("body", "meant"), TEXTS)
@pytest.mark.parametrize("way", ["json", "events"])
async def test_half_an_emoji_is_one_sign_that_is_not_known(called: Called, way: str, body: str, meant: str) -> None:
    given = await answer(called, Raw(body) if way == "json" else events(f"data: {body}"))
    assert given.output["result"].strip() == meant.strip()


async def test_bytes_that_are_no_utf8_are_signs_that_are_not_known(called: Called) -> None:
    given = await answer(called, Raw(said("caf?").encode().replace(b"?", b"\xe9")))
    assert given.output["result"] == "caf\ufffd"


NUMBERS = '{"structuredContent":{"a":NaN,"b":[Infinity,-Infinity],"c":1e999,"d":%s,"e":1e300,"f":"NaN","\\ud83d":1}}'


@pytest.mark.parametrize("way", ["json", "events"])
async def test_numbers_that_no_json_holds_are_null_or_text(called: Called, way: str) -> None:
    long = "9" * 5000
    body = result(NUMBERS % long)
    given = await answer(called, Raw(body) if way == "json" else events(f"data: {body}"))
    told = {"a": None, "b": [None, None], "c": "1e999", "d": long, "e": 1e300, "f": "NaN", "\ufffd": 1}
    assert given.output["result"] == told
    json.dumps(given.output, allow_nan=False)


ERRORS: list[tuple[str, str]] = [
    ('"it is closed"', "it is closed"),
    ('{"message":"it is closed"}', "it is closed"),
    ('{"code":"-32000","message":"it is closed"}', "it is closed"),
    ('{"code":-1.5,"message":"it is closed"}', "it is closed"),
    ('{"code":null,"message":["it is closed"]}', "it is closed"),
    ('{"code":-32000,"message":"it is closed \\ud83d"}', "it is closed \ufffd"),
    ('{"code":-32000,"message":null}', "no reason given"),
]


@pytest.mark.parametrize(("error", "words"), ERRORS)
@pytest.mark.parametrize("more", ["", ',"result":null'])
async def test_an_error_is_one_however_it_is_written(called: Called, error: str, words: str, more: str) -> None:
    given = await answer(called, Raw('{"jsonrpc":"2.0","id":%ID%,"error":' + error + more + "}"))
    assert words in given.error


async def test_a_bad_event_does_not_end_the_session(called: Called) -> None:
    given = await called(OddServer({"tools/list": events("data: nonsense", 'data: {"type":"x"}', "data: " + LISTED)}))
    assert given.output["result"] == "seen"


LISTED = result('{"tools":[{"name":"look","inputSchema":{"type":"object"}}]}')


async def pieces(body: bytes, size: int) -> bytes:
    async def inner() -> Any:
        for at in range(0, len(body), size):
            yield body[at : at + size]

    async def close() -> None: ...

    return b"".join([part async for part in MendedEvents(inner(), close, 1)])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
async def test_a_stream_is_the_same_however_it_is_cut(size: int, end: bytes) -> None:
    sent = [
        b"data: beat",
        b"id: 3",
        b"",
        b"event: endpoint",
        b"data: /x",
        b"",
        b"data: " + said("a").encode(),
        b"",
        b"",
    ]
    body = end.join(sent).replace(b"%ID%", b"1")
    whole = await pieces(body, len(body))
    assert (await pieces(body, size)).split() == whole.split()
    assert b"beat" not in whole and b"id: 3" in whole and b"data: /x" in whole and b'"result"' in whole


async def test_an_event_without_end_is_refused(called: Called) -> None:
    given = await answer(called, Raw(b"data: " + b"x" * (MAX_EVENT + 1), "text/event-stream"))
    assert given.failed


def test_a_line_of_a_log_is_no_message() -> None:
    assert [line for line in LOG_LINES if mended(line.encode())] == []


def test_a_message_that_nests_without_end_is_none() -> None:
    assert mended(b'{"jsonrpc":"2.0","id":1,"result":' + b"[" * 100_000) == []


def test_what_is_mended_is_utf8() -> None:
    (message,) = mended(b'{"id":1,"result":{"\\ud83d":["\\ude00","\\ud83d\\ude00"]}}')
    assert json.loads(encoded(message))["result"] == {"\ufffd": ["\ufffd", "\N{GRINNING FACE}"]}


async def by_stdio(make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, *lines: str) -> ToolResult:
    program = scripted(json.dumps({"lines": {"tools/call": lines}}))
    monkeypatch.setitem(PROGRAMS, "scripted", program)  # type: ignore[arg-type]
    pool = make_pool(sandbox=Sandbox(enabled=False), call_timeout=60.0)
    await connect(pool, StdioSpec("scripted"), title="Odd")
    return await (await pool.toolset(MEMBER)).call(ToolCall("", "odd__echo"))


LINES = {
    "lines of a log": [*LOG_LINES, NOBODYS, SEEN],
    "the number as a text": [SEEN.replace("%ID%", '"%ID%"')],
    "the number as a fraction": [SEEN.replace("%ID%", "%ID%.0")],
    "a batch": [f"[{SEEN}]"],
    "a carriage return": [SEEN + "\r"],
    "no version": [SEEN.replace('"jsonrpc":"2.0",', "")],
    "no error": [SEEN[:-1] + ',"error":null}'],
}


@pytest.mark.parametrize("kind", LINES)
async def test_a_program_may_print_what_it_likes_beside_its_answer(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    given = await by_stdio(make_pool, connect, monkeypatch, *LINES[kind])
    assert given.output["result"] == "seen"


async def test_what_a_program_says_is_mended_too(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = result('{"structuredContent":{"a":NaN,"b":"\\ud83d"},"isError":null}')
    given = await by_stdio(make_pool, connect, monkeypatch, line)
    assert given.output["result"] == {"a": None, "b": "\ufffd"}


LIKE_NUMBERS = ["commit 9e1234", "NaN and Infinity", "7" * 400, "iVBORw0KGgoE512AAA"]


@pytest.mark.parametrize("text", LIKE_NUMBERS)
async def test_a_text_that_looks_like_a_number_beyond_all_numbers_is_a_text(
    make_pool: MakePool, connect: Connect, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """As in hashes and in images, which are long enough for every sign to come after every other."""
    given = await by_stdio(make_pool, connect, monkeypatch, said(text))
    assert given.output["result"] == text


async def test_the_answer_to_another_request_that_waits_is_not_this_ones() -> None:
    other = b'{"jsonrpc": "2.0", "id": 5, "result": {"content": []}}'
    assert answer_to(7, other, {"5", "7"}) is None
    assert b'"id":7' in (answer_to(7, other, {"7"}) or b"").replace(b" ", b"")

    async def stream() -> AsyncIterator[bytes]:
        yield b"data: " + other + b"\n\n"

    async def close() -> None: ...

    crossed = MendedEvents(stream(), close, 7, under_way={"5", "7"})
    assert b"result" not in b"".join([part async for part in crossed])
