"""A member calls a tool of theirs by hand, with arguments of their own: under all that holds for the agent's calls."""

from dataclasses import dataclass
from typing import Any

from bot.errors import UserError
from bot.services.connections.entering.signing_in import NOT_THERE
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.tools.asking.elicitation import Asker
from mcp_runtime.tools.policies import runs_free
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.database import Database
from storage.members import Member
from storage.tables import Connection, PinnedTool

GONE = "That tool is not there any more. Open the list of its tools again."
OFF = "This tool is switched off. Let it ask first, then you can try it."
CHANGED = "This tool has changed since you opened the form. Look at what it does now, and try it then."
RUN_ALREADY = "This was run before. See its outcome in the other window."


@dataclass(frozen=True)
class Trial:
    connection: Connection
    tool: PinnedTool

    @property
    def free(self) -> bool:
        """It runs without a question."""
        return runs_free(self.tool)


class Trying:
    def __init__(self, db: Database, pool: Pool) -> None:
        self._db = db
        self._pool = pool

    async def look(self, member: Member, connection_id: str, name: str, pin: str = "") -> Trial:
        """What may be tried; with ``pin`` only as it was then. Raises `UserError`."""
        async with self._db.read() as tables:
            connection = await tables.connections.get(member.workspace, connection_id)
            tool = await tables.tools.get(member.workspace, connection_id, name)
        if connection is None or connection.member_id != member.id:
            raise UserError(NOT_THERE)
        if tool is None or tool.state == "gone":
            raise UserError(GONE)
        if tool.state != "accepted" or (pin and tool.pin != pin):
            raise UserError(CHANGED)
        if tool.policy == "off":
            raise UserError(OFF)
        return Trial(connection, tool)

    async def call(
        self, member: Member, trial: Trial, arguments: dict[str, Any], once: str = "", *, asker: Asker | None = None
    ) -> ToolResult:
        """``once`` names a yes that holds for one call; ``asker`` is for what the server asks. Raises `UserError`."""
        tools = await self._pool.toolset(member, asker=asker)
        found = next(
            (t for t in tools.tools if t.connection_id == trial.connection.id and t.own_name == trial.tool.name), None
        )
        if found is None:
            raise UserError(GONE)
        await self._note(member, trial, once)
        return await tools.call(ToolCall("", found.name, arguments))

    async def _note(self, member: Member, trial: Trial, once: str) -> None:
        """Before the call: what happens is never without an entry that it was asked for."""
        async with self._db.begin() as tables:
            if once and not await tables.handled.first_time(member.workspace, f"{member.workspace}:trial:{once}"):
                raise UserError(RUN_ALREADY)
            detail = {"tool": trial.tool.name, "asked": not trial.free}
            await tables.audit.add(member.workspace, member.id, "tool.tried", trial.connection.id, detail)
