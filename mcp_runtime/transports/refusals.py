"""Who refused a request, what that means, and whether it may have been carried out all the same."""

import re
from dataclasses import dataclass

from mcp import MCPError, types

from mcp_runtime.errors import (
    AccessForbidden,
    AuthorizationNeeded,
    ConnectFailed,
    ErrorAnswered,
    MoreRightsNeeded,
    NotAnMcpServer,
    NothingThere,
    OutOfOrder,
    RateLimited,
    Redirected,
    ServerError,
    SessionRefused,
    TokenRefused,
    TooBig,
    TooSlow,
    WebPage,
)
from mcp_runtime.transports.exchanges import UNCLEAR, Answer, Exchange

REFUSING = (401, 403)
CUT = "the server broke off before its answer was whole"
UNREADABLE = "the server answered in a form that cannot be read"
LONGER = "the answer is longer than"
TOO_BIG = (LONGER, "an event is longer than", "exceeded the ")
"""In our own words about a body and an event, and in the SDK's about an event."""
REFUSED = "the server refused it (HTTP {})"
ELSEWHERE = "this address sends me on to {}"

CLOSED = "Connection closed"
MADE_HERE: dict[int, tuple[str, ...]] = {
    types.INTERNAL_ERROR: ("Server returned an error response",),
    types.METHOD_NOT_FOUND: ("Not Found",),
    types.INVALID_REQUEST: (
        *("Session terminated", "server answered a request with 202 Accepted"),
        *("Unexpected content type: ", "Redirect to "),
    ),
    types.PARSE_ERROR: ("Failed to parse JSON response: ", "Failed to parse SSE message: "),
    types.CONNECTION_CLOSED: (CLOSED, "SSE stream failed: ", "SSE stream ended "),
}
"""How the SDK's errors of its own begin, by code; all others are the server's words."""
SAYING_SO = frozenset(
    (
        *(
            "a",
            "active",
            "an",
            "and",
            "been",
            "before",
            "for",
            "in",
            "is",
            "it",
            "must",
            "no",
            "not",
            "of",
            "or",
            "the",
        ),
        *("this", "to", "was", "with", "has", "have", "does", "please", "server", "request", "header", "http", "mcp"),
        *("id", "session", "sessions", "sessionid", "handshake", "initialization", "initialize", "initialized"),
        *("bad", "closed", "complete", "error", "exist", "expired", "found", "given", "invalid", "known", "missing"),
        *("new", "provided", "received", "reconnect", "recreated", "required", "stale", "start", "such", "terminated"),
        *("unknown", "unrecognized", "valid"),
    )
)
"""The words with which servers say that they do not know a session; a tool's own sessions need others."""
THE_POINT = {"session", "sessions", "sessionid", "initialized", "initialization"}
LONGEST_EXCUSE = 500
"""Characters; no server needs more to say that it does not know a session, and searching more would stop the loop."""
_ID = re.compile(r"""["'`].*?["'`]|\b(?=[\w-]*\d)[\w-]{4,}""")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Fate:
    """What has become of a request. Without ``error`` the server has answered it, with an error of its own."""

    error: ServerError | None = None
    perhaps: bool = False
    """It may have been carried out."""
    lost: bool = False
    """The session is over."""
    unknown_session: bool = False
    """The server did not know the session, or may have meant that: it has done nothing."""


def fate_of(server: str, error: MCPError, exchange: Exchange, *, stdio: bool, token_sent: bool) -> Fate:
    answer = exchange.answer
    if timed_out(error):
        return Fate(TooSlow(server), perhaps=True)
    if error.code == types.CONNECTION_CLOSED and error.message == CLOSED:
        return Fate(None, perhaps=stdio or not exchange.unsent, lost=True)
    if answer is None:
        return Fate()
    # In an answer to a call, words about a session may be a tool's: a browser has sessions too.
    certain = not exchange.calls or answer.status >= 400 or error.code == types.REQUEST_TIMEOUT
    if answer.refuses_session or (answer.in_session and certain and about_session(error)):
        return Fate(_in_a_session(server, error, answer), unknown_session=True)
    if answer.status in REFUSING and exchange.excuse is not None:
        return Fate(exchange.excuse)
    if answer.status >= 500 or answer.status in UNCLEAR:
        return Fate(error_of_status(server, answer), perhaps=True)
    if answer.status >= 300:
        own_words = answer.status >= 400 and answer.status not in (*REFUSING, 429) and not made_here(error)
        return Fate(None if own_words else error_of_status(server, answer, error, token_sent=token_sent))
    if not made_here(error):
        return Fate()
    return Fate(unreadable(server, answer, error) or ConnectFailed(server, UNREADABLE), perhaps=True)


def unreadable(server: str, answer: Answer, error: MCPError) -> ServerError | None:
    """What an answer was in which there is no message of MCP, as far as its head tells and what we made of it."""
    if made_here(error) and any(words in error.message for words in TOO_BIG):
        return TooBig(server)
    if answer.kind == "text/html":
        return WebPage(server)
    return ConnectFailed(server, CUT) if answer.kind == "text/event-stream" else None


def _in_a_session(server: str, error: BaseException | None, answer: Answer) -> ServerError | None:
    """What it comes to when a session that was opened just now is refused as well; None: it is in its own words."""
    own_words = isinstance(error, MCPError) and not made_here(error)
    if answer.status in (404, 410) or (isinstance(error, MCPError) and about_session(error)):
        return SessionRefused(server)
    return None if own_words else ConnectFailed(server, REFUSED.format(answer.status), ErrorAnswered.cure)


def error_of_status(
    server: str, answer: Answer, error: BaseException | None = None, *, token_sent: bool = False
) -> ServerError:
    """What a status of 300 and more says; ``error`` may hold what the server says beside it."""
    status = answer.status
    if status in REFUSING:
        return _refused(server, answer, token_sent=token_sent)
    if status < 400:
        return Redirected(server, ELSEWHERE.format(answer.leads_to) if answer.leads_to else "")
    if status == 429:
        return RateLimited(server, answer.retry_after)
    if status >= 500 or status in UNCLEAR:
        return OutOfOrder(server, status, answer.retry_after)
    if answer.in_session:
        return _in_a_session(server, error, answer) or ErrorAnswered(server)
    if isinstance(error, MCPError) and not made_here(error):
        return ErrorAnswered(server)
    return NothingThere(server) if status in (404, 410) else NotAnMcpServer(server)


def _refused(server: str, answer: Answer, *, token_sent: bool) -> ServerError:
    kind: type[ServerError] = AuthorizationNeeded
    if token_sent and answer.status == 401:
        kind = TokenRefused
    elif token_sent:
        kind = MoreRightsNeeded if answer.challenge and answer.challenge.wants_more else AccessForbidden
    error = kind(server)
    error.challenge = answer.challenge
    return error


def timed_out(error: MCPError) -> bool:
    """By our own clock: a server may answer with the same code."""
    return error.code == types.REQUEST_TIMEOUT and isinstance(error.__context__, TimeoutError)


def made_here(error: MCPError) -> bool:
    """The SDK has made it up of what it saw, and no word of it is the server's."""
    return error.message.startswith(MADE_HERE.get(error.code, ("\0",))) or timed_out(error)


def about_session(error: MCPError) -> bool:
    """It says no more than that a session is not known, and nothing of what a tool may call a session."""
    if len(error.message) > LONGEST_EXCUSE:
        return False
    words = set(_WORD.findall(_ID.sub(" ", error.message.casefold())))
    return words <= SAYING_SO and not words.isdisjoint(THE_POINT)
