"""A connection is disconnected: its tools stop at once, and for a minute all of it can be had back."""

from datetime import timedelta

from bot.errors import UserError
from bot.services.connections.entering.sign_in_notes import follow_note
from bot.services.connections.entering.signing_in import NOT_THERE
from bot.services.connections.saving import free_title
from mcp_runtime.sessions.pool import Pool
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Connection

UNDO_FOR = timedelta(seconds=60)
JOB = "connection_leaves"
TOO_LATE = "It is too late to undo this: the connection is gone, and its token is deleted. Connect it again."
TOO_MANY = "You have {there} connections again, and {most} are allowed. Disconnect one first, within the minute."


class Leaving:
    def __init__(self, db: Database, bus: Bus, pool: Pool, max_per_member: int) -> None:
        self._db = db
        self._bus = bus
        self._pool = pool
        self._max = max_per_member

    async def leave(self, member: Member, connection_id: str) -> Connection:
        at = now()
        async with self._db.begin() as tables:
            left = await tables.connections.leave(member.workspace, member.id, connection_id, at)
            if left is None:
                raise UserError(NOT_THERE)
            since = at.isoformat()
            payload = {"workspace": member.workspace, "member": member.id, "connection": connection_id, "since": since}
            once = f"{JOB}:{connection_id}:{since}"
            await tables.jobs.add(JOB, once, payload, at + UNDO_FOR, workspace=member.workspace)
            await follow_note(tables, left)
            detail = {"title": left.title}
            await tables.audit.add(member.workspace, member.id, "connection.leaves", connection_id, detail)
        await self._bus.tell("jobs")
        await self._pool.forget(connection_id)
        return left

    async def keep(self, member: Member, connection_id: str) -> Connection:
        """Under a name of its own, when another has been given its name meanwhile."""
        async with self._db.begin() as tables:
            leaving = await tables.connections.leaving(member.workspace, member.id)
            mine = await tables.connections.of(member.workspace, member.id)
            wanted = next((each for each in leaving if each.id == connection_id), None)
            if wanted is None:
                raise UserError(TOO_LATE)
            if len(mine) >= self._max:
                raise UserError(TOO_MANY.format(there=len(mine), most=self._max))
            title = free_title(wanted.title, [each.title for each in mine])
            kept = await tables.connections.keep(member.workspace, member.id, connection_id, title)
            if kept is None:
                raise UserError(TOO_LATE)
            await follow_note(tables, kept)
            detail = {"title": kept.title}
            await tables.audit.add(member.workspace, member.id, "connection.kept", connection_id, detail)
        await self._bus.tell("jobs")
        return kept

    async def leans_on(self, member: Member, connection_id: str) -> list[str]:
        async with self._db.read() as tables:
            links = await tables.links.of(member.workspace, member.id, now=now())
        return [each.title for each in links if any(tool["connection_id"] == connection_id for tool in each.tools)]
