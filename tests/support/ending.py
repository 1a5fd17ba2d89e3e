"""Tasks told to end do so by themselves: cut off in a question to SQLite, they would leave its thread behind.

And processes that were to end.
"""

import asyncio
from contextlib import suppress
from typing import Any

import psutil


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
        while any(map(lives, pids)):
            await asyncio.sleep(0.01)
