"""The steps of a connection, told in the window that waits for it: by one writer, and none after the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.slack.edge.errors import TROUBLE, code_of
from mcp_runtime.steps import Step

Show = Callable[[Step], Awaitable[object]]
log = logging.getLogger(__name__)


class Steps:
    def __init__(self) -> None:
        self._step = Step.REACHING
        self._over = False
        self._news = asyncio.Event()

    def heard(self, step: Step) -> None:
        self._step = max(step, self._step)
        self._news.set()

    @asynccontextmanager
    async def shown(self, show: Show) -> AsyncIterator[None]:
        """Each further step is shown until this is left; then what is being shown is waited for."""
        telling = asyncio.create_task(self._tell(show))
        try:
            yield
        finally:
            self._over = True
            self._news.set()
            await telling

    async def _tell(self, show: Show) -> None:
        told = Step.REACHING
        while await self._news.wait() and not self._over:
            self._news.clear()
            if self._step > told:
                told = self._step
                try:
                    await show(told)
                except TROUBLE as error:  # how it went is told all the same
                    log.info("a step could not be shown: %s", code_of(error))
