"""What a server over HTTP can do instead of answering, and what is read of it, word for word."""

import asyncio
import socket
import struct
from dataclasses import dataclass

from aiohttp import web

from tests.mcp_runtime.hand_made import Body, Reply, plain, reply

MIB = 1 << 20
THEIR_WORDS = "hunter2"
"""In whatever a server sends beside its fault; nobody may read it."""


def sends(text: str, kind: str, **headers: str) -> Reply:
    return reply(plain(200, text, kind, **headers))


def streams(kind: str, *parts: bytes, every: float = 0.0, cut: bool = False) -> Reply:
    """The parts one after the other; with ``every`` the last comes again and again, so many seconds apart."""

    async def answer(body: Body, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": kind})
        await response.prepare(request)
        for part in parts:
            await response.write(part)
        while every:
            await asyncio.sleep(every)
            await response.write(parts[-1])
        if cut and request.transport:
            request.transport.abort()
        return response

    return answer


async def hangs(body: Body, request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


def hangs_up(said: bytes = b"", *, abruptly: bool = False) -> Reply:
    """It says so much, past its web server, and is gone."""

    async def answer(body: Body, request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.write(said)
        if abruptly:  # by a reset, which tells its client something else than an end
            at_once = struct.pack("ii", 1, 0)
            request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        request.transport.close()
        return web.Response()

    return answer


@dataclass(frozen=True)
class Fault:
    """``connecting`` stands under the form, ``later`` in the answer to a test of a connection that there is.

    ``called`` is told of a call that met it; ``field`` is the one in the form that may have to change.
    """

    answer: Reply
    connecting: str
    later: str
    called: str
    field: str = "url"
    seconds: float = 60.0
    """How long it is waited for; short only where it has to be waited for."""


JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PERHAPS = "What was asked may still have happened: look before you try again."
TOKEN = "Sign-in refused: the server refused this token. "
FORBIDDEN = (
    "Forbidden scope: the server does not allow this token to be used for it (HTTP 403). "
    "Give it the rights that it lacks there, or make a new one."
)
NOTHING = (
    "Not an MCP server: the host answered, but it has nothing at this path (HTTP 404). "
    "Check the path, which often ends in /mcp: see the server's own documentation."
)
SESSIONS = (
    "the server does not know the session that it has just opened itself. The call was not made. "
    "It may run as several copies that do not share their sessions: whoever runs it can mend that."
)
PAGE = (
    "Not an MCP server: a web page answered, perhaps one to log in at, and that does not speak MCP. "
    "Enter the address for MCP clients, which often ends in /mcp: see the server's own documentation."
)
NO_MCP = (
    "Not an MCP server: something answered at this address, but it does not speak MCP. "
    "The address often ends in /mcp: see the server's own documentation."
)
UNREADABLE = "Protocol error: the server answered in a form that cannot be read. Try again in a minute."
CUT = "Protocol error: the server broke off before its answer was whole. Try again in a minute."
SLOW = "Too slow: the server did not answer in time. Check the address, or try again in a minute."


def unclear(why: str) -> str:
    return f"Shop gave no clear answer: {why}. {PERHAPS}"


def not_made(why: str, cure: str) -> str:
    return f"Shop could not be used: {why}. The call was not made. {cure}"


def refused(answer: web.Response) -> Fault:
    return Fault(
        reply(answer),
        f"{TOKEN}Paste the whole of it, or make a new one there.",
        f"{TOKEN}Sign in to it again.",
        "Shop refused the token. The call was not made. Its owner has to sign in to it again.",
        "token",
    )


def out_of_order(status: int, cure: str = "Try again in a few minutes.", **headers: str) -> Fault:
    told = f"Cannot reach: the server is out of order (HTTP {status}). {cure}"
    why = f"the server is out of order (HTTP {status})"
    return Fault(reply(plain(status, THEIR_WORDS, **headers)), told, told, unclear(why))


def unreadable(answer: Reply) -> Fault:
    return Fault(answer, NO_MCP, UNREADABLE, unclear("the server answered in a form that cannot be read"))


def too_slow(answer: Reply) -> Fault:
    return Fault(answer, SLOW, SLOW, f"Shop did not answer within 2 s. {PERHAPS}", seconds=2.2)


def too_big(answer: Reply) -> Fault:
    told = "Too big: the server sent more at once than I take. Whoever runs it can send it in smaller parts."
    return Fault(answer, told, told, unclear("the server sent more at once than I take"))


def lost(why: str) -> str:
    return f"The session with Shop was lost: {why}. {PERHAPS}"


def gone(answer: Reply) -> Fault:
    told = "Cannot reach: the server hung up before it answered. Try again in a minute, and check the address."
    return Fault(answer, told, told, lost("the server hung up before it answered"))


def cut(answer: Reply) -> Fault:
    return Fault(answer, CUT, CUT, lost("the server broke off before its answer was whole"))


EXPIRED = f'Bearer error="invalid_token", error_description="{THEIR_WORDS}"'
ELSEWHERE = "sends me on to else.example"
FAULTS = {
    "401": refused(plain(401, THEIR_WORDS)),
    "401 as it has expired": refused(plain(401, **{"www-authenticate": EXPIRED})),
    "403": Fault(
        reply(plain(403, THEIR_WORDS)),
        FORBIDDEN,
        FORBIDDEN,
        not_made("the server does not allow this token to be used for it (HTTP 403)", FORBIDDEN.partition("). ")[2]),
        "token",
    ),
    "404": Fault(reply(plain(404, THEIR_WORDS)), NOTHING, NOTHING, f"Shop could not be used: {SESSIONS}"),
    "429": Fault(
        reply(plain(429, **{"retry-after": "40"})),
        "Cannot reach: the server takes no more requests for now (HTTP 429). It asks me to wait 40 seconds.",
        "Cannot reach: the server takes no more requests for now (HTTP 429). It asks me to wait 40 seconds.",
        not_made("the server takes no more requests for now (HTTP 429)", "It asks me to wait 40 seconds."),
    ),
    "500": out_of_order(500),
    "502": out_of_order(502),
    "503": out_of_order(503, "It asks me to wait 2 minutes.", **{"retry-after": "120"}),
    "504": out_of_order(504),
    "redirect": Fault(
        reply(plain(302, location=f"https://me:{THEIR_WORDS}@else.example/x?key={THEIR_WORDS}")),
        f"Address refused: this address {ELSEWHERE}. Enter that one instead, if you trust it.",
        f"Address refused: this address {ELSEWHERE}. Enter that one instead, if you trust it.",
        not_made(f"this address {ELSEWHERE}", "Enter that one instead, if you trust it."),
    ),
    "a page": Fault(
        sends(f"<h1>{THEIR_WORDS}</h1>", "text/html"),
        PAGE,
        PAGE,
        unclear("a web page answered, perhaps one to log in at, and that does not speak MCP"),
    ),
    "plain text": unreadable(sends(THEIR_WORDS, "text/plain")),
    "garbage": unreadable(sends("{" + THEIR_WORDS, "application/json")),
    "packed": unreadable(sends(THEIR_WORDS, "application/json", **{"content-encoding": "gzip"})),
    "too big": too_big(streams("application/json", *[b" " * MIB] * 9)),
    "an event that is too big": too_big(streams("text/event-stream", b"data: ", *[b"x" * MIB] * 9)),
    "a stream that is cut": Fault(
        streams("text/event-stream", b": hello\n\n", cut=True),
        CUT,
        CUT,
        unclear("the server broke off before its answer was whole"),
    ),
    "it hangs up": gone(hangs_up()),
    "it hangs up abruptly": gone(hangs_up(abruptly=True)),
    "it hangs up in its head": gone(hangs_up(b"HTTP/1.1 200 OK\r\nContent-Ty")),
    "an answer that is cut": cut(hangs_up(JSON + b"Content-Length: 99\r\n\r\n{")),
    "an answer in parts that is cut": cut(hangs_up(JSON + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")),
    "no HTTP": Fault(
        hangs_up(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        NO_MCP,
        NO_MCP,
        lost(NO_MCP[len("Not an MCP server: ") :].partition(". ")[0]),
    ),
    "silence": too_slow(hangs),
    "drops": too_slow(streams("application/json", b'{"', b" ", every=0.05)),
    "drops in a stream": too_slow(streams("text/event-stream", b": still here\n\n", every=0.05)),
}
