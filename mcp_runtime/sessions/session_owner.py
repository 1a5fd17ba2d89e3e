"""One task opens, holds and closes an MCP session; every caller only borrows it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from functools import partial
from typing import Any, TypeVar

from mcp import MCPError

from mcp_runtime.errors import ConnectFailed, ServerError, ToolFailed
from mcp_runtime.sessions.dialling import Session
from mcp_runtime.transports.diagnosis import Diagnosis, root_cause, session_lost, was_refused_unseen

T = TypeVar("T")
Owner = asyncio.Task[ServerError | None]  # its result is why the session ended
Open = Callable[[Diagnosis], Awaitable[AbstractAsyncContextManager[Session]]]
Greet = Callable[[Session], Awaitable[None]]

GONE = "it has gone"
CLOSED = "it was closed meanwhile"


class SessionOwner:
    """The session of one member with one server: opened on first use, closed when idle or gone.

    ``open_session`` is awaited in the owner's task; ``greet`` is called with each new session before anybody else
    gets it; ``starting`` bounds how many open at once, and waiting for it does not count as connecting.
    """

    def __init__(
        self,
        server: str,
        open_session: Open,
        greet: Greet,
        starting: AbstractAsyncContextManager[Any],
        *,
        connect_timeout: float,
        idle_after: float | None = None,
        in_flight: int = 8,
        patience: float = 8.0,
        predecessor: "SessionOwner | None" = None,
    ) -> None:
        self.server = server
        self.opens = 0
        self.diagnosis = Diagnosis()
        self._open_session = open_session
        self._greet = greet
        self._starting = starting
        self._connect_timeout = connect_timeout
        self._idle_after = idle_after
        self._patience = patience
        self._slots = asyncio.Semaphore(in_flight)
        self._borrowers = 0
        self._last_use = 0.0
        self._ready: asyncio.Future[Session] | None = None
        self._owner: Owner | None = predecessor._owner if predecessor else None
        self._stop = asyncio.Event()

    async def use(self, act: Callable[[Session], Awaitable[T]], *, repeatable: bool = False) -> T:
        """Do ``act`` with the session; once more when it was lost and the act is repeatable or was never seen.

        Raises `ServerError` when there is no session or it was lost, and whatever ``act`` raises.
        """
        async with self._slots:
            with self._borrowed():
                try:
                    return await self._attempt(act)
                except _Lost as lost:
                    if not (repeatable or lost.unseen):
                        raise ToolFailed(self.server, lost.reason) from lost
                try:
                    return await self._attempt(act)
                except _Lost as lost:
                    raise ToolFailed(self.server, lost.reason) from lost

    async def close(self) -> None:
        """End the session, from any task, and wait until its owner is done."""
        owner = self._owner
        if owner is None:
            return
        self._stop.set()
        if self._ready is not None and not self._ready.done():
            owner.cancel()  # still opening: there is nothing yet that would heed `stop`
        _, late = await asyncio.wait({owner}, timeout=self._patience)
        if late:
            owner.cancel()
            await asyncio.wait({owner}, timeout=self._patience)

    async def ended(self) -> None:
        """Wait until the session that is open or closing now is gone."""
        if self._owner is not None:
            await asyncio.wait({self._owner})

    async def _attempt(self, act: Callable[[Session], Awaitable[T]]) -> T:
        ready, owner = self._opening()
        session = await asyncio.shield(ready)
        try:
            return await act(session)
        except MCPError as exc:
            if not session_lost(exc):
                raise
            if self._owner is owner:
                self._stop.set()  # over HTTP nothing else would tell it
            await asyncio.wait({owner}, timeout=self._patience)
            cause = owner.result() if owner.done() and not owner.cancelled() else None
            raise _Lost(cause.reason if cause else GONE, unseen=was_refused_unseen(exc)) from exc

    def _opening(self) -> tuple[asyncio.Future[Session], Owner]:
        """All who ask while the session is being opened wait for the same attempt."""
        if self._ready is None or self._owner is None:
            self._ready = asyncio.get_running_loop().create_future()
            self._ready.add_done_callback(_retrieve)
            self._stop = asyncio.Event()
            owning = self._own(self._owner, self._ready, self._stop)
            self._owner = asyncio.create_task(owning, name=f"mcp:{self.server}")
            self._owner.add_done_callback(partial(self._settle, self._ready))
        return self._ready, self._owner

    def _settle(self, ready: asyncio.Future[Session], owner: Owner) -> None:
        """A callback rather than a ``finally``: a task cancelled before its first turn runs no code."""
        self._forget(ready)
        if not ready.done():
            cause = None if owner.cancelled() else owner.result()
            ready.set_exception(cause or ConnectFailed(self.server, CLOSED))

    async def _own(
        self, previous: Owner | None, ready: asyncio.Future[Session], stop: asyncio.Event
    ) -> ServerError | None:
        """Enter, hold and leave the session in this one task, as anyio's cancel scopes demand."""
        self.diagnosis = diagnosis = Diagnosis()
        try:
            if previous is not None:
                await asyncio.wait({previous})  # never two servers for one connection
            async with AsyncExitStack() as stack:
                async with self._starting:
                    session = await self._entered(stack, diagnosis)
                self.opens += 1
                self._touch()
                ready.set_result(session)
                gone = await self._until_over(session, stop)
                self._forget(ready)  # whoever comes while this one closes gets a new session
        except Exception as exc:
            return diagnosis.explain(self.server, root_cause(exc))
        return ToolFailed(self.server, diagnosis.why_ended or GONE) if gone else None

    async def _entered(self, stack: AsyncExitStack, diagnosis: Diagnosis) -> Session:
        # asyncio.timeout stays in this task and is no cancel scope that would have to nest.
        async with asyncio.timeout(self._connect_timeout):
            session = await stack.enter_async_context(await self._open_session(diagnosis))
            await self._greet(session)
            return session

    async def _until_over(self, session: Session, stop: asyncio.Event) -> bool:
        """True when the peer has gone; False when it was idle or is to stop."""
        stopped, gone = asyncio.create_task(stop.wait()), asyncio.create_task(session.ended.wait())
        try:
            while (left := self._idle_left()) is None or left > 0:
                done, _ = await asyncio.wait({stopped, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    return gone in done
            return False
        finally:
            stopped.cancel()
            gone.cancel()

    def _idle_left(self) -> float | None:
        if self._idle_after is None or self._borrowers:
            return self._idle_after
        return self._last_use + self._idle_after - asyncio.get_running_loop().time()

    def _touch(self) -> None:
        self._last_use = asyncio.get_running_loop().time()

    @contextmanager
    def _borrowed(self) -> Iterator[None]:
        self._borrowers += 1
        try:
            yield
        finally:
            self._borrowers -= 1
            self._touch()

    def _forget(self, ready: asyncio.Future[Session]) -> None:
        if self._ready is ready:
            self._ready = None


class _Lost(Exception):
    """The session is over; ``unseen``: the call was refused before anything could come of it."""

    def __init__(self, reason: str, *, unseen: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unseen = unseen


def _retrieve(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()  # nobody may be left to ask for it
