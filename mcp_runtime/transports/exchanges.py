"""What became of one request: noted where bytes pass, read by whoever asked.

The SDK passes on neither status nor headers, and reports a refusal, a gateway's error and a cut stream alike. It does
carry the context of whoever sends along with each message, so what the transport sees can be told to the one it is for.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from mcp_runtime.errors import ServerError
from mcp_runtime.errors.challenges import Challenge, challenge_of

LONGEST_WAIT = 86_400.0
UNCLEAR = frozenset({408, 425, 460, 499})
"""Given by what stands before a server, which may have passed the request on."""
IN_SESSION = "in_session"
"""Marks a request whose address alone says which session it belongs to."""
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
"""With these nothing has left this machine."""


@dataclass(frozen=True)
class Answer:
    """The head of one HTTP answer."""

    status: int
    verb: str = "POST"
    kind: str = ""
    """Its media type."""
    in_session: bool = False
    """The request named a session that the server had opened."""
    retry_after: float | None = None
    """Seconds."""
    leads_to: str = ""
    """The host that a redirect names; empty: none, or the same. Only the host, for a URL may hold secrets."""
    challenge: Challenge | None = None
    """What a refusal says about signing in."""

    @classmethod
    def to(cls, request: httpx2.Request, status: int, headers: httpx2.Headers) -> "Answer":
        return cls(
            status,
            request.method,
            headers.get("content-type", "").partition(";")[0].strip().lower(),
            "mcp-session-id" in request.headers or IN_SESSION in request.extensions,
            _seconds(headers.get("retry-after", "")),
            _other_host(request.url, headers.get("location", "")) if 300 <= status < 400 else "",
            challenge_of(headers.get_list("www-authenticate")) if status in (401, 403) else None,
        )

    @property
    def refuses_session(self) -> bool:
        """A refusal that opening another session may cure; signing in and waiting have statuses of their own."""
        return self.in_session and 400 <= self.status < 500 and self.status not in {401, 403, 429} | UNCLEAR


@dataclass
class Exchange:
    """``calls``: the request calls a tool, so that it may change something; ``begun``: it is on its way."""

    calls: bool = False
    begun: bool = False
    answer: Answer | None = None
    failure: Exception | None = None
    excuse: ServerError | None = None
    """Why it had to go out with a token that may be used up: what a refusal then means."""

    def answered(self, answer: Answer) -> None:
        """The first counts, after redirects: later ones are of what else is sent on behalf of the request."""
        if self.answer is None or 300 <= self.answer.status < 400:
            self.answer = answer

    @property
    def unsent(self) -> bool:
        return not self.begun or (self.answer is None and isinstance(self.failure, NOT_SENT))


_current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def begin(*, calls: bool = False) -> Exchange:
    """For the next request that this task sends."""
    exchange = Exchange(calls)
    _current.set(exchange)
    return exchange


def current() -> Exchange | None:
    return _current.get()


def _seconds(told: str) -> float | None:
    """Retry-After is a number of seconds or a date."""
    try:
        seconds = float(told) if told.strip().isdecimal() else _until(parsedate_to_datetime(told))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None


def _until(moment: datetime) -> float:
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()


def _other_host(url: httpx2.URL, location: str) -> str:
    try:
        target = url.join(location)
    except (httpx2.InvalidURL, ValueError):
        return ""
    return target.netloc.decode("ascii", "replace") if target.netloc != url.netloc else ""
