"""A member calls a tool of theirs by hand, with arguments of their own: under all that holds for the agent's calls."""

from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserError
from bot.services.connections.entering.signing_in import NOT_THERE
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.tools.elicitation import DECLINED, ElicitationReply, ElicitationRequest
from mcp_runtime.tools.policies import runs_free
from mcp_runtime.tools.tools import ToolCall, ToolResult
from storage.database import Database
from storage.members import Member
from storage.tables import Connection, PinnedTool

GONE = "That tool is not there any more."
OFF = "This tool is switched off. Let it ask first, then you can try it."
CHANGED = "This tool has changed since you opened the form. Look at what it does now, and try it then."
ASKED = (
    "{server} asked you something in the middle of this, which a trial cannot pass on, so it was declined. Ask me for "
    "it in our direct message: there I show you its question, and it goes on with your answer."
)
RUN_ALREADY = "This was run before: its outcome is in the other window."


@dataclass(frozen=True)
class Trial:
    connection: Connection
    tool: PinnedTool

    @property
    def free(self) -> bool:
        """It runs without a question."""
        return runs_free(self.tool)


class _Declines:
    """A window shows what came of a trial, and has no place for a server's question: it is told that there was one."""

    def __init__(self) -> None:
        self.asked = False

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        self.asked = True
        return DECLINED

    async def completed(self, connection_id: str, number: str) -> None:
        """No page was opened."""


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

    async def call(self, member: Member, trial: Trial, arguments: dict[str, Any], once: str = "") -> ToolResult:
        """``once`` names a yes that holds for one call. Raises `UserError`."""
        asker = _Declines()
        tools = await self._pool.toolset(member, asker=asker)
        found = next(
            (t for t in tools.tools if t.connection_id == trial.connection.id and t.own_name == trial.tool.name), None
        )
        if found is None:
            raise UserError(GONE)
        await self._note(member, trial, once)
        result = await tools.call(ToolCall("", found.name, arguments))
        return _told_of_question(result, trial.connection.title) if asker.asked else result

    async def _note(self, member: Member, trial: Trial, once: str) -> None:
        """Before the call: what happens is never without an entry that it was asked for."""
        async with self._db.begin() as tables:
            if once and not await tables.handled.first_time(member.workspace, f"{member.workspace}:trial:{once}"):
                raise UserError(RUN_ALREADY)
            detail = {"tool": trial.tool.name, "asked": not trial.free}
            await tables.audit.add(member.workspace, member.id, "tool.tried", trial.connection.id, detail)


def _told_of_question(result: ToolResult, server: str) -> ToolResult:
    told = ASKED.format(server=server)
    if result.failed:
        return replace(result, error=f"{told}\n{result.error}")
    output = result.output if isinstance(result.output, dict) else {"result": result.output}
    return replace(result, output={**output, "notes": [*(output.get("notes") or ()), told]})
