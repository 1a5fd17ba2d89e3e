"""Running work that is neither forgotten by the garbage collector nor cut off at shutdown."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)

Task = asyncio.Task[Any]


class BackgroundTasks:
    def __init__(self) -> None:
        self._running: set[Task] = set()
        self._watching: set[Task] = set()

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> Task:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_log_failure)
        return self.adopt(task)

    def watch(self, work: Coroutine[Any, Any, Any], name: str) -> Task:
        """What waits for news that may never come: at the end it is cut off, and nobody waits for it."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_log_failure)
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)
        return task

    def adopt(self, task: Task) -> Task:
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def drain(self, within: float) -> int:
        """Let running work end; what has not after ``within`` seconds is cancelled and counted."""
        for task in self._watching:
            task.cancel()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while (others := self._others()) and loop.time() < deadline:
            await asyncio.wait(others, timeout=deadline - loop.time())
        for task in others:
            task.cancel()
        if cut := others | self._watching:
            await asyncio.wait(cut, timeout=1.0)  # one that ignores its cancellation does not hold us up
        return len(others)

    def _others(self) -> set[Task]:
        return {task for task in self._running if task is not asyncio.current_task() and not task.done()}


def _log_failure(task: Task) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("%s failed", task.get_name(), exc_info=error)
