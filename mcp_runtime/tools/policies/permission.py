"""Only what its member still allows is called."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset, named
from storage.database import Database
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.rules.access import Access, Barred
from storage.tables import PinnedTool

NO_SUCH_TOOL = "There is no tool {} any more. Do not call it again."
PAUSED = "The connection of {} has been paused by its owner. Do without it, and say so."
FORBIDDEN = "Administrators do not let {} be used any more. The call was not made. Do without it, and say so."
OUTSIDE = "Administrators let the host of {} not be reached any more. The call was not made. Do without it, and say so."
SWITCHED_OFF = "The tool {} has been switched off or set aside by its owner. Do without it, and say so."
ASKS_NOW = "Since just now the owner of the tool {} is asked before each call. It was not made: call it again to ask."
NOT_GRANTED = (
    "You may not call {}: administrators or its owner do not let you, or do so no more. The call was not made. Do"
    " without it, and say so."
)
BARRED = {
    Barred.ARCHIVED: "You have been archived by an administrator, so {} was not called. Say so, and stop here.",
    Barred.EXPIRED: "What you may do with {} was granted until a time that is over. The call was not made. Say so.",
}
"""Else it is `NOT_GRANTED`."""
UNASKED = (
    "{} asks for a yes before each call, and whoever asks you is from outside and may give none. The call was not made."
    " Do without it, and say so."
)
FREE = ("free", "always")


def runs_free(row: PinnedTool) -> bool:
    """By the card's own list, or because its member said so; anything else asks."""
    return row.policy in FREE


@dataclass(frozen=True)
class Permitted:
    """Looked up anew before each call, for a turn may be long.

    ``asks`` has the names of tools that ran free when it began, and do so no more.
    """

    inner: Toolset
    db: Database
    member: Member
    agent: ForAgent | None = None
    """Who calls; None: the member in person."""
    asks: set[str] = field(default_factory=set)

    @property
    def tools(self) -> Sequence[Tool]:
        there = self.inner.tools
        if not self.asks:
            return there
        return [replace(each, guarded=True) if each.name in self.asks else each for each in there]

    async def call(self, call: ToolCall) -> ToolResult:
        tool = named(self.inner, call.name)
        if tool is None or tool.connection_id is None:
            return ToolResult(error=NO_SUCH_TOOL.format(call.name))
        standing = await self._standing(tool.connection_id, tool.own_name)
        if standing is None:
            return ToolResult(error=NO_SUCH_TOOL.format(call.name))
        state, policy, access = standing
        if state == "paused":
            return ToolResult(error=PAUSED.format(call.name), refused="permission")
        if state == "forbidden":
            return ToolResult(error=FORBIDDEN.format(call.name), refused="card")
        if state == "outside":
            return ToolResult(error=OUTSIDE.format(call.name), refused="card")
        if state != "accepted" or policy == "off":
            return ToolResult(error=SWITCHED_OFF.format(call.name), refused="permission")
        if not access.allows(tool.own_name, reads=tool.rated_reading):
            told = BARRED.get(access.barred, NOT_GRANTED) if access.barred else NOT_GRANTED
            return ToolResult(error=told.format(call.name), refused="agent")
        if access.unasked and (tool.guarded or policy not in FREE):
            return ToolResult(error=UNASKED.format(call.name), refused="outside")
        if not tool.guarded and policy not in FREE:
            self.asks.add(call.name)
            return ToolResult(error=ASKS_NOW.format(call.name), refused="asks_now")
        return await self.inner.call(call)

    async def _standing(self, connection_id: str, name: str) -> tuple[str, str, Access] | None:
        """In one look-up by keys, never a cache that could still say yes."""
        asked = (self.member.workspace, self.member.id, connection_id, name)
        if self.agent:
            return await self.db.standing.for_agent(*asked, self.agent)
        found = await self.db.standing.of(*asked)
        return (*found, Access()) if found else None
