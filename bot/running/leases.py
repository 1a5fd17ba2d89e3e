"""Work under a lease: it ends here, by the steady clock, as soon as the lease cannot be known to be ours any more.

Whoever cannot reach the database cannot know either whether another has taken the work since.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.engines.engine import TROUBLE
from storage.schema import now

AGAIN_AFTER = 1.0
LET_GO_WITHIN = 2.0
"""Seconds for what was cut off; what takes no notice of it is left, and holds nobody's place."""

log = logging.getLogger(__name__)


@contextmanager
def heeded() -> Iterator[None]:
    """Whoever is cancelled in it ends as cancelled, whatever their clean-up met, or made of it.

    Else what is told to end would take that for trouble, and go on.
    """
    try:
        yield
    finally:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise asyncio.CancelledError


async def kept_up(work: Callable[[], Coroutine[Any, Any, object]], name: str) -> object:
    """A database that is away for a while must not end the work for good."""
    while True:
        try:
            with heeded():
                return await work()
        except Exception:
            log.exception("%s broke off and starts again", name)
            await asyncio.sleep(AGAIN_AFTER)


@dataclass(frozen=True)
class Held:
    """``renew`` makes it ours for ``seconds`` more, and says since when, by the steady clock; None: it is no more.

    It is given since when it is known to be: that need not be done again which others have done for it meanwhile.
    """

    what: str
    until: datetime | None
    seconds: float
    every: float
    renew: Callable[[float], Awaitable[float | None]]

    async def during(self, work: asyncio.Task[None]) -> bool:
        """Until the work is over, whatever came of it; False when it was cut off because the lease is lost."""
        since = asyncio.get_running_loop().time()
        left = self.seconds if self.until is None else (self.until - now()).total_seconds()
        until = since + min(left, self.seconds)
        tasks = {work}
        try:
            # Most work is over by then, and needs nobody who renews.
            await asyncio.wait(tasks, timeout=min(since + self.every, until) - since)
            if not work.done():
                tasks.add(asyncio.create_task(self._renewed(since, until), name=f"lease of {self.what}"))
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return work.done()
        finally:
            await self._let_go({task for task in tasks if not task.done()})

    async def _let_go(self, tasks: set[asyncio.Task[None]]) -> None:
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        _, left = await asyncio.wait(tasks, timeout=LET_GO_WITHIN)
        for task in left:
            log.warning("%s takes no notice of having been cut off", self.what)
            task.add_done_callback(_forgotten)

    async def _renewed(self, since: float, until: float) -> None:
        """Returns when it is no longer ours."""
        loop = asyncio.get_running_loop()
        asked = since
        while True:
            await asyncio.sleep(min(asked + self.every, until) - loop.time())
            asked = loop.time()
            try:
                async with asyncio.timeout_at(until):
                    renewed = await self.renew(since)
                if renewed is None:
                    return
                since = asked = renewed
                until = since + self.seconds
            except TROUBLE:
                log.exception("could not renew the lease of %s", self.what)
                if loop.time() >= until:
                    log.error("the lease of %s is over, and with it the work on it here", self.what)
                    return


def _forgotten(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("work that was cut off ended with %s", type(error).__name__)
