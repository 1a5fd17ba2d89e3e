"""How a session comes about with servers that speak other versions, or another kind of MCP, or speak it loosely."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from mcp_runtime.errors import ErrorAnswered, NotAnMcpServer, OldTransport, ProtocolTooOld, ServerError, TokenRefused
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.specs import HttpSpec, StdioSpec
from mcp_runtime.transports import tolerant_answers
from tests.mcp_runtime.conftest import MakePool, Offered
from tests.mcp_runtime.odd_server import HELLO, OddServer, Raw, Refusal, odd
from tests.mcp_runtime.servers import scripted

Message = dict[str, Any]


def version(message: Message) -> str:
    return str(message["params"]["protocolVersion"])


def refusing(refusal: Any, taken: tuple[str, ...] = ("2025-06-18",)) -> OddServer:
    """It takes these versions of the protocol alone."""

    def initialize(message: Message) -> Any:
        return HELLO | {"protocolVersion": version(message)} if version(message) in taken else refusal

    return OddServer({"initialize": initialize})


NAMED = Refusal(-32602, "Unsupported protocol version", {"supported": ["2025-03-26"], "requested": "2025-11-25"})
TEXT = "Bad Request: Unsupported protocol version (supported versions: 2025-06-18, 2025-03-26)"
REFUSALS: list[tuple[Any, tuple[str, ...], list[str]]] = [
    (NAMED, ("2025-03-26",), ["2025-11-25", "2025-03-26"]),
    (Refusal(-32000, TEXT), ("2025-06-18",), ["2025-11-25", "2025-06-18"]),
    (Refusal(-32000, TEXT, status=400), ("2025-03-26",), ["2025-11-25", "2025-06-18", "2025-03-26"]),
    (Raw(TEXT, "text/plain", 400), ("2025-06-18",), ["2025-11-25", "2025-06-18"]),
    (Raw("Bad Request", "text/plain", 400), ("2025-06-18",), ["2025-11-25", "2025-06-18"]),
    (Raw("", "text/html", 400), ("2025-03-26",), ["2025-11-25", "2025-06-18", "2025-03-26"]),
    (Raw("", "text/html", 422), ("2025-06-18",), ["2025-11-25", "2025-06-18"]),
    (Refusal(-32602, "Invalid params"), ("2024-11-05",), ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]),
    (Refusal(-32603, "Unknown protocol version 2025-11-25"), ("2025-06-18",), ["2025-11-25", "2025-06-18"]),
]


@pytest.mark.parametrize(("refusal", "taken", "tried"), REFUSALS)
async def test_a_version_that_is_refused_is_followed_by_older_ones(
    offered: Offered, refusal: Any, taken: tuple[str, ...], tried: list[str]
) -> None:
    server = refusing(refusal, taken)
    assert len((await offered(server)).tools) == 1
    assert [each["protocolVersion"] for each in server.asked("initialize")] == tried


async def test_the_versions_that_a_server_speaks_are_named_when_none_is_ours(offered: Offered) -> None:
    refusal = Refusal(-32602, "Unsupported protocol version", {"supported": ["2031-01-01", "2032-05-05"]})
    server = refusing(refusal, ())
    with pytest.raises(ProtocolTooOld, match=r"MCP of 2031-01-01, 2032-05-05, and I speak that of 2024-11-05 to"):
        await offered(server)
    assert len(server.asked("initialize")) == 1


async def test_a_version_that_is_refused_for_ever_is_told_as_that(offered: Offered) -> None:
    server = refusing(Refusal(-32000, "Protocol version not supported"), ())
    with pytest.raises(ProtocolTooOld, match="version"):
        await offered(server)
    assert len(server.asked("initialize")) == 4


@pytest.mark.parametrize("told", ["2031-01-01", "draft-7"])
async def test_a_server_that_answers_in_a_version_of_the_future_is_told_as_that(offered: Offered, told: str) -> None:
    with pytest.raises(ProtocolTooOld, match=told):
        await offered(OddServer({"initialize": HELLO | {"protocolVersion": told}}))


@pytest.mark.parametrize("told", ["<b>\n", "x" * 200, "http://evil.example"])
async def test_what_is_no_version_is_not_repeated(offered: Offered, told: str) -> None:
    with pytest.raises(ProtocolTooOld) as raised:
        await offered(OddServer({"initialize": HELLO | {"protocolVersion": told}}))
    assert told not in str(raised.value)


@pytest.mark.parametrize("told", ["2024-10-07", "2025-05-01", None, " 2025-06-18 "])
async def test_an_older_version_than_ours_is_taken(offered: Offered, told: Any) -> None:
    assert len((await offered(OddServer({"initialize": HELLO | {"protocolVersion": told}}))).tools) == 1


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (Raw("", "text/plain", 401), ServerError),
        (Raw("no", "text/plain", 403), ServerError),
        (Refusal(-32603, "it broke at 2026-11-28T10:00:00Z"), ErrorAnswered),
        (Raw("", "text/plain", 500), ServerError),
    ],
)
async def test_what_has_nothing_to_do_with_versions_is_not_tried_again(
    offered: Offered, refusal: Any, kind: type[ServerError]
) -> None:
    server = refusing(refusal, ())
    with pytest.raises(kind) as raised:
        await offered(server)
    assert not isinstance(raised.value, (ProtocolTooOld, OldTransport))
    assert len(server.asked("initialize")) == 1


IDENTITIES = [
    None,
    "odd",
    [],
    {},
    {"name": "odd"},
    {"name": None, "version": 1},
    {"name": "odd", "title": 7, "icons": 1},
]


@pytest.mark.parametrize("identity", IDENTITIES)
async def test_a_server_may_say_of_itself_what_it_likes(offered: Offered, identity: Any) -> None:
    offer = await offered(OddServer({"initialize": HELLO | {"serverInfo": identity, "_meta": None}}))
    assert offer.server in ("", "odd") and len(offer.tools) == 1


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (None, ""),
        ("Half \ud83d.", "Half \ufffd."),
        ("Ask\u200b me.", "Ask me."),
        (["Ask me.", 7], "Ask me."),
        ({"a": 1}, ""),
        (7, ""),
    ],
)
async def test_instructions_are_text_or_none(offered: Offered, told: Any, meant: str) -> None:
    assert (await offered(OddServer({"initialize": HELLO | {"instructions": told}}))).instructions == meant


async def test_a_handshake_that_says_nothing_is_one(offered: Offered) -> None:
    assert len((await offered(OddServer({"initialize": None}))).tools) == 1


async def older_sse(request: web.Request) -> web.StreamResponse:
    """As the servers of before 2025-03-26: a stream that names the address for messages, and stays open."""
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b": welcome\n\nevent: endpoint\r\ndata: /messages?sessionId=1\r\n\r\n")
    await asyncio.Event().wait()
    return response


class OlderSse(OddServer):
    def __init__(self, status: int) -> None:
        super().__init__(get=older_sse)
        self.status = status

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            return await super().answer(request)
        self.seen.append(await request.json())
        return web.Response(status=self.status, text="no") if self.status else await older_sse(request)


async def test_a_token_that_is_refused_is_no_sign_of_the_older_kind(make_pool: MakePool) -> None:
    async with odd(OlderSse(401)) as server:
        with pytest.raises(TokenRefused):
            await make_pool("127.0.0.1").try_out(HttpSpec(server.url), {"token": "token"}, title="Odd")


async def test_a_stream_of_something_else_is_no_sign_of_it_either(make_pool: MakePool) -> None:
    async def ticker(request: web.Request) -> web.Response:
        return web.Response(text="event: tick\ndata: 1\n\n", headers={"content-type": "text/event-stream"})

    server = OddServer({"initialize": Raw("no", "text/plain", 404)}, get=ticker)
    async with odd(server):
        with pytest.raises(NotAnMcpServer) as raised:
            await make_pool("127.0.0.1").try_out(HttpSpec(server.url), {}, title="Odd")
    assert not isinstance(raised.value, OldTransport) and server.gets == 1


async def test_a_program_that_is_silent_about_what_it_does_not_know_opens_all_the_same(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tolerant_answers, "PROBE_SECONDS", 0.05)
    monkeypatch.setitem(PROGRAMS, "scripted", scripted('{"lines": {"server/discover": []}}'))  # type: ignore[arg-type]
    pool = make_pool(sandbox=Sandbox(enabled=False), connect_timeout=60.0)
    assert len((await pool.try_out(StdioSpec("scripted"), {}, title="Odd")).tools) == 1


async def test_a_server_that_never_answers_an_unknown_question_opens_all_the_same(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(OddServer):
        async def answer(self, request: web.Request) -> web.StreamResponse:
            if request.method == "POST" and (await request.json())["method"] == "server/discover":
                await asyncio.Event().wait()
            return await super().answer(request)

    monkeypatch.setattr(tolerant_answers, "PROBE_SECONDS", 0.05)
    async with odd(Silent()) as server:
        pool = make_pool("127.0.0.1", connect_timeout=60.0)
        assert len((await pool.try_out(HttpSpec(server.url), {}, title="Odd")).tools) == 1


async def test_a_server_of_today_that_starts_slowly_is_asked_again(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    monkeypatch.setattr(tolerant_answers, "PROBE_SECONDS", 0.0)
    offer = await make_pool(sandbox=sandbox).try_out(StdioSpec("time"), {}, title="Time")
    assert len(offer.tools) == 2
