"""Somebody else on the same event loop."""

import asyncio
from contextlib import suppress


class Others:
    """They count their turns."""

    def __init__(self) -> None:
        self.turns = 0

    async def __aenter__(self) -> "Others":
        self._task = asyncio.create_task(self._take())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _take(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turns += 1
