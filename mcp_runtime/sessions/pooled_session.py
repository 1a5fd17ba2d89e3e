"""One connection as the pool holds it: its session, what it last offered, and how long it rests after failing."""

from mcp import types

from mcp_runtime.errors import ServerError, ToolFailed
from mcp_runtime.sessions.backoff import Backoff
from mcp_runtime.sessions.dialling import Session
from mcp_runtime.sessions.handshake import Handshake
from mcp_runtime.sessions.session_owner import SessionOwner
from mcp_runtime.tools.pins import Offer
from storage.database import Database
from storage.schema import now
from storage.tables import Connection, PinnedTool


class ToolChanged(Exception):
    """The server's definition of this tool is not the one that was accepted: the call was not made."""


class PooledSession:
    def __init__(self, db: Database, connection: Connection, live: SessionOwner, greeter: Handshake) -> None:
        self.connection = connection
        self.live = live
        self._db = db
        self._greeter = greeter
        self._backoff = Backoff()
        self._told: ServerError | None = None

    async def call(self, row: PinnedTool, arguments: dict[str, object], seconds: float) -> types.CallToolResult:
        """Raises `ServerError`, `ToolChanged`, or what the SDK raises for this one call."""

        async def act(session: Session) -> types.CallToolResult:
            listing = await self._greeter.fresh(session)
            if listing.pins.get(row.name) != row.pin:
                raise ToolChanged
            return await session.client.call_tool(row.name, arguments, read_timeout_seconds=seconds)

        if (resting := self._backoff.resting()) is not None:
            raise resting.with_traceback(None)  # or it would grow with each call
        try:
            result = await self.live.use(act)
        except ServerError as error:
            await self._failed(error)
            raise
        self._backoff.worked()
        return result

    async def listing(self) -> Offer:
        """Asked for now, whatever was known, and however often it failed before."""
        try:
            await self.live.use(self._greeter.greet, repeatable=True)
        except ServerError as error:
            await self._failed(error)
            raise
        self._backoff.worked()
        return self._greeter.listing.offer

    async def _failed(self, error: ServerError) -> None:
        """Told once, though all who waited for the same attempt get the same error."""
        if error is self._told or isinstance(error, ToolFailed):
            return
        self._told = error
        self._backoff.failed(error)
        async with self._db.begin() as tables:
            await tables.connections.update(
                self.connection.workspace_id,
                self.connection.id,
                status="failing",
                trouble=error.reason,
                checked_at=now(),
            )
