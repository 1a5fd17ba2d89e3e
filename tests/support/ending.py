"""Tasks told to end do so by themselves: cut off in a question to SQLite, they would leave its thread behind.

And processes that were to end.
"""

import asyncio
import gc
from asyncio.base_subprocess import BaseSubprocessTransport
from contextlib import suppress
from typing import Any

import psutil

from tests.support.accepting import TURNS


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Once they have, or were cut off after all."""
    _, left = await asyncio.wait(tasks, timeout=5)
    for task in left:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def lives(pid: int) -> bool:
    """Whoever inherits what has ended may never ask what became of it."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


async def gone(*pids: int) -> None:
    async with asyncio.timeout(60):
        while any(map(lives, pids)) or unheard_of(*pids):
            await asyncio.sleep(0.01)
    for _ in range(TURNS):
        await asyncio.sleep(0)


def unheard_of(*pids: int) -> bool:
    """The loop hears of an end a little later; were it closed by then, a later test would be told of what is left."""
    transports: Any = (each for each in gc.get_objects() if issubclass(type(each), BaseSubprocessTransport))
    return any(each.get_pid() in pids and each.get_returncode() is None for each in transports)
