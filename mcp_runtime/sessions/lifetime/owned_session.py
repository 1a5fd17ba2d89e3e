"""One session with a server, opened, held and closed by one task, as anyio's cancel scopes demand."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from mcp_runtime.errors import ClosedMeanwhile, ServerError, TookTooMuch, ToolFailed
from mcp_runtime.sessions.session import Session
from mcp_runtime.transports.diagnosis import OURS, Diagnosis, root_cause

Open = Callable[[Diagnosis], Awaitable[AbstractAsyncContextManager[Session]]]
Greet = Callable[[Session], Awaitable[None]]

GONE = "it has gone"
BETWEEN_LOOKS = 2.0
"""Seconds; a server may say with every call that it has changed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Terms:
    """How sessions of one connection are opened and kept; times are in seconds.

    ``open_session`` is awaited in the owner's task; ``greet`` is called with each new session before anybody else
    gets it; ``starting`` bounds how many open at once, and waiting for it does not count as connecting; ``look_again``
    is called when the server says that it offers something else now.
    """

    open_session: Open
    greet: Greet
    starting: AbstractAsyncContextManager[Any]
    connect_timeout: float
    idle_after: float | None = None
    look_again: Greet | None = None


class OwnedSession:
    def __init__(self, server: str, terms: Terms, previous: "OwnedSession | None") -> None:
        self.diagnosis = Diagnosis()
        self.ready: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        self.ready.add_done_callback(_retrieve)
        self.opened = False
        self.over = False
        """Whoever comes now needs another one."""
        self.borrowers = 0
        self._server = server
        self._terms = terms
        self._last_use = 0.0
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(self._own(previous), name=f"mcp:{server}")
        """Its result is why the session ended."""
        self.task.add_done_callback(self._settle)

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        self.borrowers += 1
        try:
            yield
        finally:
            self.borrowers -= 1
            self._touch()
            if self.over and not self.borrowers:
                self._stop.set()

    def retire(self) -> None:
        """Take nobody new, and end when the last who is there has left."""
        self.over = True
        if not self.borrowers:
            self._stop.set()

    def stop(self) -> None:
        self.over = True
        self._stop.set()

    async def ended(self, within: float) -> ServerError | None:
        """Why it ended, if it has done so within so many seconds."""
        await asyncio.wait({self.task}, timeout=within)
        return self.task.result() if self.task.done() and not self.task.cancelled() else None

    async def close(self, patience: float) -> None:
        """End it, from any task, and wait until its owner is done."""
        self.stop()
        if not self.ready.done():
            self.task.cancel()  # still opening: there is nothing yet that would heed `stop`
        _, late = await asyncio.wait({self.task}, timeout=patience)
        if late:
            self.task.cancel()
            await asyncio.wait({self.task}, timeout=patience)

    def _settle(self, task: asyncio.Task[ServerError | None]) -> None:
        """A callback rather than a ``finally``: a task cancelled before its first turn runs no code."""
        self.over = True
        if not self.ready.done():
            cause = None if task.cancelled() else task.result()
            self.ready.set_exception(cause or ClosedMeanwhile(self._server))

    async def _own(self, previous: "OwnedSession | None") -> ServerError | None:
        try:
            if previous is not None and previous.diagnosis.stdio:
                await asyncio.wait({previous.task})  # of a program there are never two
            async with AsyncExitStack() as stack:
                async with self._terms.starting:
                    session = await self._entered(stack)
                self.opened = True
                self._touch()
                self.ready.set_result(session)
                gone = await self._until_over(session)
        except (Exception, BaseExceptionGroup) as exc:
            cause = root_cause(exc)
            # Cut off, together with what it had begun.
            return None if isinstance(cause, asyncio.CancelledError) else self._broken(cause)
        if gone and self.diagnosis.spent:
            return TookTooMuch(self._server, self.diagnosis.spent)
        return ToolFailed(self._server, self.diagnosis.why_ended or GONE) if gone else None

    def _broken(self, error: BaseException) -> ServerError:
        """What a program does is seen as its end: what else breaks its session once that is open is a fault of ours."""
        if not (self.opened and self.diagnosis.stdio):
            return self.diagnosis.explain(self._server, error)
        if not self.diagnosis.why_ended:
            log.error("the session with the program of %s broke", self._server, exc_info=error)
        return ToolFailed(self._server, self.diagnosis.why_ended or OURS)

    async def _entered(self, stack: AsyncExitStack) -> Session:
        # asyncio.timeout stays in this task and is no cancel scope that would have to nest.
        async with asyncio.timeout(self._terms.connect_timeout):
            session = await stack.enter_async_context(await self._terms.open_session(self.diagnosis))
            await self._terms.greet(session)
            return session

    async def _until_over(self, session: Session) -> bool:
        """True when the peer has gone; False when it was idle or is to stop."""
        stopped, gone = asyncio.create_task(self._stop.wait()), asyncio.create_task(session.ended.wait())
        looking = asyncio.create_task(self._look_again(session))
        try:
            while (left := self._idle_left()) is None or left > 0:
                done, _ = await asyncio.wait({stopped, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    return gone in done
            return False
        finally:
            self.over = True  # at once: whoever came while this is waited for would get one that is closed
            for task in (stopped, gone, looking):
                task.cancel()
            await asyncio.wait({looking})

    async def _look_again(self, session: Session) -> None:
        """Whenever the server says so; who calls a tool meanwhile looks by themselves."""
        while (look := self._terms.look_again) is not None:
            await session.news.wait()
            session.news.clear()
            try:
                async with asyncio.timeout(self._terms.connect_timeout):
                    await look(session)
            except Exception as error:
                log.info("%s could not be asked what has changed: %s", self._server, type(error).__name__)
            await asyncio.sleep(BETWEEN_LOOKS)

    def _idle_left(self) -> float | None:
        idle_after = self._terms.idle_after
        if idle_after is None or self.borrowers:
            return idle_after
        return self._last_use + idle_after - asyncio.get_running_loop().time()

    def _touch(self) -> None:
        self._last_use = asyncio.get_running_loop().time()


def _retrieve(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()  # nobody may be left to ask for it
