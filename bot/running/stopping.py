"""One deadline over the whole stop: what has not ended by then is left, as a kill would leave it.

All that is half done is safe from that: nothing is shown that is not stored, and leases lapse.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Any

WITHIN = 1.8
"""Seconds, of the two that a stop may take."""

log = logging.getLogger("usher")


def on_signals() -> asyncio.Event:
    """Set once somebody wants us to stop; from then on the deadline runs."""
    stopped = asyncio.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            leave_after(WITHIN)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return stopped


def leave_after(seconds: float) -> None:
    """By a thread of its own: the event loop may be among what hangs."""
    timer = threading.Timer(seconds, _leave)
    timer.daemon = True
    timer.start()


def _leave() -> None:
    log.warning("stopped; not all had ended in time, and what was left of it is taken up at the next start")
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


async def unless(stopped: asyncio.Event, opening: Coroutine[Any, Any, None]) -> bool:
    """False when it was broken off, because somebody wants us to stop: what we open may be slow to answer."""
    work, stop = asyncio.create_task(opening), asyncio.create_task(stopped.wait())
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if work.done():
        work.result()
        return True
    work.cancel()
    await asyncio.wait({work})
    return False
