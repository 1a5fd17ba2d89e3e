"""Only what its member still allows is called."""

from collections.abc import Sequence
from dataclasses import dataclass

from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset, named
from storage.database import Database
from storage.members import Member
from storage.tables import PinnedTool

NO_SUCH_TOOL = "There is no tool {} any more. Do not call it again."
PAUSED = "The connection of {} has been paused by its owner. Do without it, and say so."
SWITCHED_OFF = "The tool {} has been switched off or set aside by its owner. Do without it, and say so."


def runs_free(row: PinnedTool) -> bool:
    """By the card's own list, or because its member said so; anything else asks."""
    return row.policy in ("free", "always")


@dataclass(frozen=True)
class Permitted:
    """Looked up anew before each call, for a turn may be long."""

    inner: Toolset
    db: Database
    member: Member

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        tool = named(self.inner, call.name)
        if tool is None or tool.connection_id is None:
            return ToolResult(error=NO_SUCH_TOOL.format(call.name))
        standing = await self.db.standing.of(self.member.workspace, self.member.id, tool.connection_id, tool.own_name)
        if standing is None:
            return ToolResult(error=NO_SUCH_TOOL.format(call.name))
        state, policy = standing
        if state == "paused":
            return ToolResult(error=PAUSED.format(call.name), refused="permission")
        if state != "accepted" or policy == "off":
            return ToolResult(error=SWITCHED_OFF.format(call.name), refused="permission")
        return await self.inner.call(call)
