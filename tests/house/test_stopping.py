"""A stop has one end, whatever hangs."""

import asyncio
import os
import signal
import threading

import pytest

from bot.running import stopping


async def test_what_has_not_ended_in_time_is_left_also_where_the_event_loop_itself_hangs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    left, codes = threading.Event(), list[int]()

    def leave(code: int) -> None:
        codes.append(code)
        left.set()

    monkeypatch.setattr(stopping, "WITHIN", 0.01)
    monkeypatch.setattr(stopping.os, "_exit", leave)
    monkeypatch.setattr(stopping.logging, "shutdown", lambda: None)
    loop = asyncio.get_running_loop()
    try:
        stopped = stopping.on_signals()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)  # who is impatient changes nothing
        await stopped.wait()
        assert left.wait(60)  # and nothing else is done meanwhile
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    assert codes == [0] and "not all had ended in time" in caplog.text
