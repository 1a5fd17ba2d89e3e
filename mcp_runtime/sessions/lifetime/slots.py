"""How many calls run at once, of one connection and of one member: first come, first served, and who waits says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp_runtime.tools.progress import Progress, listener

OF_CONNECTION, OF_MEMBER = 8, 16
QUIET_SECONDS = 3.0
"""After which whoever listens to a call hears that it waits."""
WAITS = "waits until others are done"


class Slots:
    def __init__(self, number: int) -> None:
        self._free = asyncio.Semaphore(number)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        if not self._free.locked():
            async with self._free:
                yield
            return
        hear = listener()
        telling = asyncio.get_running_loop().call_later(
            QUIET_SECONDS, lambda: hear(Progress(message=WAITS)) if hear is not None else None
        )
        try:
            await self._free.acquire()
        finally:
            telling.cancel()
        try:
            yield
        finally:
            self._free.release()
