"""The session of one member with one server: every caller only borrows it, and learns what became of a request."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from mcp import MCPError

from mcp_runtime.errors import (
    ClosedMeanwhile,
    ConnectFailed,
    ErrorAnswered,
    NoAnswer,
    ServerError,
    SessionLost,
    TooBig,
    TookTooMuch,
    ToolFailed,
    TooSlow,
)
from mcp_runtime.sessions.lifetime.owned_session import GONE, Greet, Open, OwnedSession, Terms
from mcp_runtime.sessions.lifetime.slots import OF_CONNECTION, OF_MEMBER, Slots
from mcp_runtime.sessions.session import Session
from mcp_runtime.transports import exchanges
from mcp_runtime.transports.diagnosis import Diagnosis, of_network
from mcp_runtime.transports.exchanges import Exchange
from mcp_runtime.transports.refusals import Fate, fate_of

T = TypeVar("T")

__all__ = ["Greet", "Open", "SessionOwner"]


class SessionOwner:
    """Opened on first use, closed when idle or gone; opened once more when the server has forgotten it.

    ``crowd`` are the slots that it shares with all other sessions of its member.
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
        crowd: Slots | None = None,
        patience: float = 8.0,
        predecessor: "SessionOwner | None" = None,
        look_again: Greet | None = None,
    ) -> None:
        self.server = server
        self.opens = 0
        self._terms = Terms(open_session, greet, starting, connect_timeout, idle_after, look_again)
        self._patience = patience
        self._slots = Slots(OF_CONNECTION)
        self._crowd = crowd or Slots(OF_MEMBER)
        self._current: OwnedSession | None = None
        self._before = predecessor._current if predecessor else None
        self._retired: set[OwnedSession] = set()
        self._users = 0
        self._closed = False

    @property
    def current(self) -> OwnedSession | None:
        """The one that is open, opening or the last that was."""
        return self._current

    @property
    def at_rest(self) -> bool:
        """No session is there, and nobody wants one."""
        there = self._current is not None and not self._current.task.done()
        return not (there or self._users or self._retired)

    async def use(self, act: Callable[[Session], Awaitable[T]]) -> T:
        """Do ``act`` with the session; once more when it had been forgotten, or was lost before anything was done.

        Raises `ConnectFailed` or `AuthorizationNeeded` when nothing was done, `ToolFailed` when that is not known,
        `MCPError` with the server's own answer to a call, and whatever else ``act`` raises.
        """
        self._users += 1
        try:
            # In this order: a server that hangs takes no more of what its member may do than its own part.
            async with self._slots.one(), self._crowd.one():
                try:
                    return await self._attempt(act, last=False)
                except _Again:
                    return await self._attempt(act, last=True)
        finally:
            self._users -= 1

    async def opened(self) -> None:
        """Have a session, and ask no more of it; raises as `use` does."""
        await self.use(_nothing)

    async def close(self) -> None:
        """End the session, from any task, and wait until its owner is done; there will be no other."""
        self._closed = True
        there = {each for each in (self._current, *self._retired) if each is not None}
        await asyncio.gather(*(each.close(self._patience) for each in there))

    def explain(self, error: BaseException) -> ServerError:
        """What a failure of the session that there is, or was, comes to."""
        return (self._current.diagnosis if self._current else Diagnosis()).explain(self.server, error)

    def start_anew(self) -> None:
        """Whoever comes next gets a new session: this one does not answer."""
        if self._current is not None:
            self._retire(self._current)

    async def ended(self) -> None:
        """Wait until the session that is open or closing now is gone."""
        if self._current is not None:
            await asyncio.wait({self._current.task})

    async def _attempt(self, act: Callable[[Session], Awaitable[T]], *, last: bool) -> T:
        owned = self._opening()
        fresh = not owned.ready.done()
        asked = exchanges.begin()
        with owned.borrowed():
            session = await asyncio.shield(owned.ready)
            try:
                return await act(session)
            except MCPError as exc:
                exchange = exchanges.current() or asked
                seen = owned.diagnosis
                if seen.spent:
                    raise self._spent(seen.spent, exchange) from exc
                fate = fate_of(self.server, exc, exchange, stdio=seen.stdio, token_sent=seen.token_sent)
                if not (last or fresh) and (fate.unknown_session or _worth_a_new_one(exchange)):
                    self._retire(owned)
                    raise _Again from exc
                if fate.lost:
                    owned.stop()  # over HTTP nothing else would tell it
                    await self._gone(owned, exchange, fate, last=last, error=exc)
                raise self._told(fate, exchange, exc) from exc

    def _spent(self, why: str, exchange: Exchange) -> ServerError:
        """It would only go on in the same way in another session."""
        return TookTooMuch(self.server, why) if exchange.calls else TooBig(self.server, why)

    async def _gone(self, owned: OwnedSession, exchange: Exchange, fate: Fate, *, last: bool, error: MCPError) -> None:
        """The session broke down under this request, or under another."""
        cause = await owned.ended(self._patience)
        if exchange.calls and fate.perhaps:
            raise SessionLost(self.server, cause.reason if cause else GONE) from error
        if not last:
            raise _Again from error
        if exchange.failure is not None:
            raise of_network(self.server, exchange.failure) from error
        raise (ConnectFailed(self.server, cause.reason) if cause else ClosedMeanwhile(self.server)) from error

    def _told(self, fate: Fate, exchange: Exchange, error: MCPError) -> Exception:
        """What to raise; a question that changes nothing has simply failed."""
        if fate.error is None:
            return error if exchange.calls else ErrorAnswered(self.server)
        if exchange.calls and fate.perhaps:
            kind = NoAnswer if isinstance(fate.error, TooSlow) else ToolFailed
            return kind(self.server, fate.error.reason)
        return fate.error

    def _opening(self) -> OwnedSession:
        """All who ask while the session is being opened wait for the same attempt."""
        if self._current is None or self._current.over:
            if self._closed:  # else whoever is cut off by that would open it again, and nobody close it
                raise ClosedMeanwhile(self.server)
            before = self._current or self._before
            if self._current is not None:
                self._leave_behind(self._current)
            self._current = OwnedSession(self.server, self._terms, before)
            self._current.ready.add_done_callback(self._count)
        return self._current

    def _count(self, ready: "asyncio.Future[Session]") -> None:
        self.opens += not ready.cancelled() and ready.exception() is None

    def _retire(self, owned: OwnedSession) -> None:
        """It ends when its last borrower has left: what the others have asked may still be answered."""
        owned.retire()
        self._leave_behind(owned)

    def _leave_behind(self, owned: OwnedSession) -> None:
        """Whoever comes now waits for its end only where it is a program, and it is not forgotten until then."""
        if not owned.diagnosis.stdio and not owned.task.done():
            self._retired.add(owned)
            owned.task.add_done_callback(lambda _: self._retired.discard(owned))


def _worth_a_new_one(exchange: Exchange) -> bool:
    """Some servers answer 500 to a session that they do not know, and to ask for a listing twice harms nobody."""
    answer = exchange.answer
    return not exchange.calls and answer is not None and answer.in_session and answer.status >= 500


class _Again(Exception):
    """Nothing was done: once more, with another session."""


async def _nothing(session: Session) -> None:
    """To have a session is all that is asked."""
