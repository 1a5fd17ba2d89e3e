"""Which trouble is worth another attempt, and after how long."""

from typing import Any

import pytest

from bot.agent.gemini.errors import Broken, Garbled, Refused
from bot.agent.gemini.retry import Retry

INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.5s"}
DAILY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
}


@pytest.mark.parametrize(
    ("details", "headers", "asked"),
    [
        ([INFO], {}, 7.5),
        ([], {"Retry-After": "9"}, 9.0),
        ([INFO], {"Retry-After": "9"}, 9.0),
        ([], {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ([], {"Retry-After": "soon"}, None),
        ([], {}, None),
    ],
)
def test_the_server_names_a_delay(details: list[Any], headers: dict[str, str], asked: float | None) -> None:
    assert Refused(429, details=details, headers=headers).requested_delay == asked


def test_a_delay_asked_for_is_kept_and_too_long_a_one_is_not_sat_through() -> None:
    refused = Refused(429, details=[INFO])
    assert Retry(first=0.1).delay(refused, 1) == 7.5
    assert Retry(longest=5).delay(refused, 1) is None


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_passing_failures_are_waited_for_a_random_while(code: int) -> None:
    delays = [Retry(attempts=3, first=1, longest=1.5).delay(Refused(code), attempt) for attempt in (1, 2, 3)]
    assert delays[0] is not None and 0 <= delays[0] <= 1
    assert delays[1] is not None and 0 <= delays[1] <= 1.5
    assert delays[2] is None


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 501])
def test_lasting_failures_are_not_tried_again(code: int) -> None:
    assert Retry().delay(Refused(code), 1) is None


def test_a_spent_daily_quota_lasts() -> None:
    assert Retry().delay(Refused(429, details=[INFO, DAILY]), 1) is None


@pytest.mark.parametrize("trouble", [Broken(), Garbled()])
def test_cuts_and_fumbles_pass(trouble: Exception) -> None:
    assert Retry().delay(trouble, 1) is not None  # type: ignore[arg-type]
