"""When Slack says "not now" or nothing at all: which calls are made again, and after how long."""

from urllib.parse import urlsplit

from aiohttp import ClientConnectionError, ClientPayloadError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import BackoffRetryIntervalCalculator
from slack_sdk.http_retry.jitter import RandomJitter
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot.slack.edge.calls.budget import APPEND, START, CallBudget
from bot.slack.edge.calls.posting import BY_ITSELF
from bot.slack.edge.errors import seconds_asked

TRIGGERED = frozenset({"views.open", "views.push"})
"""A trigger lives for three seconds: one that was waited for is over."""
OWN_WAY = frozenset({START, APPEND})
"""A reply knows better than to wait: it goes on collecting, or posts."""
PASSING = frozenset({"assistant.threads.setStatus", "agents.sessions.setStatus"})
"""The words that follow would wait for them, and say more."""
READING = frozenset({"conversations.replies"})
"""An app that Slack limits may read once a minute: a turn does without, and the reader rests."""
NEVER_AGAIN = TRIGGERED | OWN_WAY | PASSING | READING
TRIES = 3
LONGEST_WAIT = 90.0
"""Seconds; for more, the call fails, and what must be told is told by its job."""


def handlers(budget: CallBudget) -> list[AsyncRetryHandler]:
    return [Limited(budget), Failing()]


def method_of(request: HttpRequest) -> str:
    return urlsplit(request.url).path.rpartition("/")[2]


class Limited(AsyncRateLimitErrorRetryHandler):
    """429: after the time that Slack names; nobody else asks for the same before that."""

    def __init__(self, budget: CallBudget) -> None:
        super().__init__(max_retry_count=TRIES)
        self._budget = budget

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != 429:
            return False
        method, seconds = method_of(request), _retry_after(response)
        self._budget.limited(method, seconds)
        return method not in NEVER_AGAIN and seconds <= LONGEST_WAIT


class Failing(AsyncRetryHandler):
    """5xx, or a lost connection: the call may have been heard, and is made again all the same.

    To tell twice is rare and seen at once; to leave a person without an answer is worse. Posts are looked for first
    (`posting`). What Slack shows to one person alone is in no thread where it could be looked for: it may stand there
    twice until that person loads Slack anew, and whatever its buttons do is decided once, by what they are about.
    """

    def __init__(self) -> None:
        super().__init__(TRIES, BackoffRetryIntervalCalculator(backoff_factor=0.5, jitter=RandomJitter()))

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if method_of(request) in NEVER_AGAIN or BY_ITSELF.get():
            return False
        if response is not None:
            return response.status_code >= 500
        # A gateway's page is no JSON: the SDK then raises before it has an answer to show.
        status = getattr(getattr(error, "response", None), "status", 0)
        return status >= 500 or isinstance(error, (ClientConnectionError, ClientPayloadError, ConnectionError))


def _retry_after(response: HttpResponse) -> float:
    """Seconds; headers are lists by lower-case or by Slack's own name."""
    for name, value in response.headers.items():
        if name.lower() == "retry-after":
            return seconds_asked(value[0] if isinstance(value, list) else value)
    return seconds_asked(None)
