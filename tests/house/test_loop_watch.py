"""The event loop is watched: how late it runs, and what held it up."""

import asyncio
import logging
import sys
import time

import pytest

from bot.running import loop_watch
from bot.running.loop_watch import KEPT, STALL, UNSEEN, LoopWatch, what_runs


def busy(until: float) -> None:
    while time.perf_counter() < until:
        sum(range(1000))


async def test_what_holds_the_loop_is_named_by_its_code(caplog: pytest.LogCaptureFixture) -> None:
    watch = LoopWatch()
    with caplog.at_level(logging.WARNING):
        async with watch.watching(), asyncio.timeout(60):
            while "in busy (tests/house/test_loop_watch.py:" not in caplog.text:  # the machine may stand still besides
                busy(time.perf_counter() + 3 * STALL)
                await asyncio.sleep(0)
    assert watch.stalls and watch.lag()["1"] > STALL
    assert "the event loop stood still for" in caplog.text


async def test_a_loop_that_is_left_alone_is_told_of_by_nobody(caplog: pytest.LogCaptureFixture) -> None:
    watch = LoopWatch()
    with caplog.at_level(logging.WARNING):
        for late in (0.0, STALL, -0.001):
            watch.woken(late)
    assert watch.stalls == 0 and not caplog.records


def test_its_lag_is_that_of_the_last_minute() -> None:
    watch = LoopWatch()
    assert watch.lag() == {"0.5": 0.0, "0.99": 0.0, "1": 0.0}
    watch.woken(9.0)
    for number in range(100):
        watch.woken(number / 1000)
    assert watch.lag() == {"0.5": 0.05, "0.99": 0.099, "1": 9.0}
    for _ in range(KEPT):
        watch.woken(0.001)
    assert set(watch.lag().values()) == {0.001}


def test_of_what_runs_the_caller_of_ours_is_named_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    secret = ["xoxb-secret"]
    sorted(secret, key=lambda each: seen.append(what_runs(sys._getframe())) or each)
    assert seen[0].startswith(
        "test_of_what_runs_the_caller_of_ours_is_named_and_no_value.<locals>.<lambda> (tests/house/"
    )
    assert "secret" not in seen[0]
    monkeypatch.setattr(loop_watch, "_is_ours", lambda code: code.co_name.startswith("test_"))
    named = (lambda: what_runs(sys._getframe()))()
    assert ", called by test_of_what_runs" in named
    assert what_runs(None) == UNSEEN
