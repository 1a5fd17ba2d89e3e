"""Work that goes on beside what was asked for: nobody waits for it, and none of it is forgotten."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class BackgroundWork:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, act: Coroutine[Any, Any, None]) -> None:
        """``act`` raises nothing of its own."""
        task = asyncio.create_task(act)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def over(self, within: float | None = None) -> int:
        """Wait so many seconds for what still goes on; the number of those that were broken off then."""
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=within)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=within)
        return len(late)
