"""A member pauses a connection: none of its tools is offered or called until they resume it."""

from bot.agent.model import Model
from bot.errors import UserError
from bot.services.approvals import lapsing
from bot.services.connections.entering.signing_in import NOT_THERE
from mcp_runtime.sessions.pool import Pool
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Connection


class Pausing:
    """In ``model``'s words the history of a question ends that the pause has closed."""

    def __init__(self, db: Database, bus: Bus, pool: Pool, model: Model) -> None:
        self._db = db
        self._bus = bus
        self._pool = pool
        self._model = model

    async def pause(self, member: Member, connection: Connection) -> None:
        """What waited for a yes about one of its tools is closed, and says why."""
        if connection.paused_at:
            return
        async with self._db.begin() as tables:
            if not await tables.connections.update(member.workspace, connection.id, paused_at=now()):
                raise UserError(NOT_THERE)
            closed = await lapsing.paused(tables, self._model, member, connection.id, connection.title)
            await tables.audit.add(member.workspace, member.id, "connection.paused", connection.id, {})
        await lapsing.ring(self._bus, closed)
        await self._pool.forget(connection.id)

    async def resume(self, member: Member, connection: Connection) -> None:
        if not connection.paused_at:
            return
        async with self._db.begin() as tables:
            if not await tables.connections.update(member.workspace, connection.id, paused_at=None):
                raise UserError(NOT_THERE)
            await tables.audit.add(member.workspace, member.id, "connection.resumed", connection.id, {})
        await self._bus.tell("jobs")
