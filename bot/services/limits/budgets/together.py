"""What many ask for at the same moment is done at once: whoever comes while one go is under way goes with the next.

Nobody is waited for, so who comes alone is served alone, and at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from storage.engines.engine import is_away

Asked = TypeVar("Asked")
Given = TypeVar("Given")
MOST = 50
"""In one go: so few that nobody waits long for the others."""
log = logging.getLogger(__name__)


@dataclass
class _Waiting(Generic[Asked, Given]):
    asked: Asked
    given: asyncio.Future[Given] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Together(Generic[Asked, Given]):
    """``act`` is given a workspace and what is asked there, and gives as much in the same order.

    ``unwanted`` undoes what was done for one who has left meanwhile.
    """

    def __init__(
        self,
        act: Callable[[str, Sequence[Asked]], Awaitable[Sequence[Given]]],
        unwanted: Callable[[str, Asked, Given], Awaitable[None]] | None = None,
    ) -> None:
        self._act = act
        self._unwanted = unwanted
        self._waiting: dict[str, list[_Waiting[Asked, Given]]] = {}
        """By workspace, as long as somebody works for it."""
        self._working: set[asyncio.Task[None]] = set()

    async def do(self, workspace: str, asked: Asked) -> Given:
        waiting: _Waiting[Asked, Given] = _Waiting(asked)
        if workspace in self._waiting:
            self._waiting[workspace].append(waiting)
        else:
            self._waiting[workspace] = [waiting]
            self._begin(self._work(workspace))
        try:
            return await waiting.given
        except asyncio.CancelledError:
            if (given := waiting.given).done() and not given.cancelled() and given.exception() is None:
                self._begin(self._undone(workspace, asked, given.result()))  # it came in that very moment
            raise

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, workspace: str) -> None:
        waiting = self._waiting[workspace]
        try:
            while waiting:
                now, waiting[:] = waiting[:MOST], waiting[MOST:]
                await self._served(workspace, [each for each in now if not each.given.done()])
        finally:
            del self._waiting[workspace]
            for each in waiting:
                each.given.cancel()

    async def _served(self, workspace: str, those: Sequence[_Waiting[Asked, Given]]) -> None:
        try:
            found = await self._act(workspace, [each.asked for each in those]) if those else []
        except asyncio.CancelledError:
            for each in those:
                each.given.cancel()
            raise
        except Exception as error:
            if len(those) == 1 or is_away(error):
                for each in those:
                    if not each.given.done():
                        each.given.set_exception(error)
                return
            for each in those:  # it may be the fault of one of them
                await self._served(workspace, [each])
            return
        for each, given in zip(those, found, strict=True):
            if not each.given.done():
                each.given.set_result(given)
            elif self._unwanted is not None:
                await self._undone(workspace, each.asked, given)

    async def _undone(self, workspace: str, asked: Asked, given: Given) -> None:
        try:
            if self._unwanted is not None:
                await self._unwanted(workspace, asked, given)
        except Exception:
            log.exception("what nobody wanted any more could not be undone")
