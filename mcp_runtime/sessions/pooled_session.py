"""One connection as the pool holds it: its session, what it last offered, how it is, and how long it rests."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from mcp import Client, InputRequiredRoundsExceededError, MCPError, types
from pydantic import ValidationError

from mcp_runtime.errors import (
    AccessForbidden,
    AsksOn,
    AuthorizationNeeded,
    ClosedMeanwhile,
    ConnectFailed,
    ErrorAnswered,
    HostUnreachable,
    NoAnswer,
    RateLimited,
    ServerError,
    TokenRefused,
    TooBig,
    TookTooMuch,
    ToolFailed,
    TooSlow,
    WantsTooMuch,
)
from mcp_runtime.sessions.calls_under_way import CallUnderWay
from mcp_runtime.sessions.handshake import Handshake
from mcp_runtime.sessions.lifetime.backoff import Backoff
from mcp_runtime.sessions.lifetime.session_owner import SessionOwner
from mcp_runtime.sessions.news import tell_of_change
from mcp_runtime.sessions.one_call import answered
from mcp_runtime.sessions.session import Session
from mcp_runtime.tools.asking.rounds import wants_what_none_is_given
from mcp_runtime.tools.pins import Offer
from mcp_runtime.transports import exchanges
from mcp_runtime.transports.diagnosis import root_cause
from mcp_runtime.transports.refusals import UNREADABLE
from storage.database import Database
from storage.schema import now
from storage.tables import Connection, PinnedTool

Told = TypeVar("Told")
SIGN_IN = (AuthorizationNeeded, TokenRefused)


class ToolChanged(Exception):
    """The server's definition of this tool is not the one that was accepted: the call was not made."""


class PooledSession:
    """``patience`` is how many seconds a listing may take."""

    def __init__(
        self, db: Database, connection: Connection, live: SessionOwner, greeter: Handshake, patience: float
    ) -> None:
        self.connection = connection
        self.live = live
        self._db = db
        self._greeter = greeter
        self._patience = patience
        self._backoff = Backoff()
        self._told: ServerError | None = None
        self._failing = connection.status != "connected"
        self._card: int | None = None
        self._since = now()
        self._rested = False

    def looked_up(self, connection: Connection) -> None:
        """How its row is now: another process may have met a failure."""
        self._failing, self._rested = self._failing or connection.status != "connected", False

    def still(self, version: int, card: int | None, changed_at: datetime | None = None) -> bool:
        """It was opened with what its row says now, and its added card is what it was at the last look.

        ``changed_at``: when the card was, which at the first look is not before this was held.
        """
        before, self._card = self._card, card
        as_before = before == card if before is not None else changed_at is None or changed_at <= self._since
        return version <= self._greeter.version and as_before

    def let_go(self) -> bool:
        """Its session has ended, and nobody asked for another since the last look: what it offered is not needed."""
        before, self._rested = self._rested, self.live.at_rest and self._backoff.resting() is None
        return before and self._rested

    async def call(
        self, row: PinnedTool, arguments: dict[str, object], seconds: float, under_way: CallUnderWay
    ) -> types.CallToolResult:
        """Raises `ServerError`, `ToolChanged`, or what the SDK raises for this one call."""

        async def made(session: Session) -> types.CallToolResult:
            listing = await self._greeter.fresh(session)
            if listing.pins.get(row.name) != row.pin:
                raise ToolChanged
            exchanges.begin(calls=True)
            return await answered(session, under_way, arguments, seconds)

        async def act(session: Session) -> types.CallToolResult:
            try:
                return await made(session)
            except MCPError as error:
                if error.code != types.HEADER_MISMATCH:
                    raise
            session.said_changed = True  # refused unmade: what of it goes into headers is not what we were told
            return await made(session)

        if (resting := self._backoff.resting()) is not None:
            raise resting.with_traceback(None)  # or it would grow with each call
        try:
            result = await self._used(act, reads=row.policy == "free")
        except TookTooMuch as error:
            await self._failed(TooBig(error.server, error.reason))
            raise
        except ServerError as error:
            asked = exchanges.current()
            await self._failed(error, of_one_call=asked is not None and asked.calls)
            raise
        await self._worked()
        return result

    async def _used(
        self, act: Callable[[Session], Awaitable[types.CallToolResult]], *, reads: bool
    ) -> types.CallToolResult:
        """What only reads, by our own list, is asked once more in a new session when it was cut off."""
        try:
            return await self.live.use(act)
        except (NoAnswer, TookTooMuch):
            raise  # who waited for all of its time does not wait twice
        except ToolFailed:
            if not reads:
                raise
        self.live.start_anew()
        return await self.live.use(act)

    async def listing(self) -> Offer:
        """Asked for now, whatever was known, and however often it failed before; raises `ServerError` alone."""
        begun = time.monotonic()

        async def act(session: Session) -> None:
            if self._greeter.listing.at < begun:  # else it was opened for this, and has been asked
                async with asyncio.timeout(self._patience):
                    await self._greeter.greet(session)

        try:
            await self.live.use(act)
        except Exception as error:
            if isinstance(error, (TimeoutError, TooSlow)):
                self.live.start_anew()
            told = self.live.explain(root_cause(error))
            await self._failed(told)
            raise told from error
        await self._worked()
        return self._greeter.listing.offer

    async def asked_and_heard(
        self, question: Callable[[Client], Awaitable[Told]], seconds: float
    ) -> tuple[Told, asyncio.Event]:
        """`asked`, and what is set once the server says that it offers something else beside its tools."""

        async def asked_of(session: Session) -> tuple[Told, asyncio.Event]:
            changed = session.beside_changed  # taken before: nothing falls between
            told = await question(session.client)
            session.awaited.set()
            return told, changed

        return await self.asked(asked_of, seconds)

    async def asked(self, question: Callable[[Session], Awaitable[Told]], seconds: float) -> Told:
        """Something that changes nothing and is no tool's; raises `ServerError`."""

        async def act(session: Session) -> Told:
            async with asyncio.timeout(seconds):
                try:
                    return await question(session)
                except InputRequiredRoundsExceededError as error:
                    raise AsksOn(self.connection.title) from error
                except MCPError as error:
                    if wants_what_none_is_given(error):
                        raise WantsTooMuch(self.connection.title) from error
                    raise

        if (resting := self._backoff.resting()) is not None:
            raise resting.with_traceback(None)
        try:
            told = await self.live.use(act)
        except ValidationError as error:
            raise ConnectFailed(self.connection.title, UNREADABLE, ErrorAnswered.cure) from error
        except (AsksOn, WantsTooMuch):
            raise  # it answers, if not this
        except Exception as error:
            explained = self.live.explain(root_cause(error))
            await self._failed(explained, of_one_call=True)
            raise explained from error
        await self._worked()
        return told

    async def _failed(self, error: ServerError, *, of_one_call: bool = False) -> None:
        """Told once, though all who waited for the same attempt get the same error."""
        if error is self._told or isinstance(error, (ToolFailed, ClosedMeanwhile)):
            return
        if of_one_call and not (isinstance(error, (HostUnreachable, *SIGN_IN)) and not _of_rights(error)):
            if isinstance(error, RateLimited):
                self._backoff.failed(error)
            return
        status = _status(error)
        anew = not self._failing or (self._told is not None and _status(self._told) != status)
        before = self._told, self._failing
        self._told, self._failing = error, True
        self._backoff.failed(error)
        try:
            await self._note(error, status, anew=anew)
        except BaseException:
            self._told, self._failing = before  # whoever meets it next tells it
            raise

    async def _note(self, error: ServerError, status: str, *, anew: bool) -> None:
        async with self._db.begin() as tables:
            await tables.connections.failed(
                self.connection.workspace_id,
                self.connection.id,
                status=status,
                trouble=error.reason,
                cause=error.cause,
                at=now(),
                wait=self._backoff.left if self._backoff.open else error.retry_after,
            )
            if anew:
                await tell_of_change(tables, self.connection, status)

    async def _worked(self) -> None:
        self._backoff.worked()
        self._told = None
        if self._failing:
            self._failing = False
            async with self._db.begin() as tables:
                await tables.connections.works(self.connection.workspace_id, self.connection.id, now())
                await tell_of_change(tables, self.connection, "connected")


def _status(error: ServerError) -> str:
    return "sign_in" if isinstance(error, SIGN_IN) else "failing"


def _of_rights(error: ServerError) -> bool:
    """This tool needs a right that the token lacks: the others may work."""
    return isinstance(error, AccessForbidden)
