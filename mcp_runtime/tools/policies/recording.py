"""Every call leaves a usage row, and one that may change something, or was refused, an audit entry besides."""

import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult, Toolset, named
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.workspaces.audit_chain import DONE, FAILED, UNCLEAR
from storage.tables import ToolUsage

log = logging.getLogger(__name__)

Later = Callable[[Coroutine[Any, Any, None]], None]
"""Does something beside what goes on."""


@dataclass(frozen=True)
class Recorded:
    """What was called, by whom, how it went and what refused it; never its arguments or its result.

    ``later`` sees to it that the row is written: the answer does not wait for it.
    """

    inner: Toolset
    db: Database
    member: Member
    later: Later
    turn_id: str | None = None
    agent_id: str = ""
    """Who called; empty: the member in person."""

    @property
    def tools(self) -> Sequence[Tool]:
        return self.inner.tools

    async def call(self, call: ToolCall) -> ToolResult:
        begun = time.perf_counter()
        result = await self.inner.call(call)
        self.later(self._record(call, result, round((time.perf_counter() - begun) * 1000)))
        return result

    async def _record(self, call: ToolCall, result: ToolResult, milliseconds: int) -> None:
        tool = named(self.inner, call.name)
        outcome = "timed_out" if result.timed_out else "failed" if result.failed else "done"
        outcome = "refused" if result.refused else outcome

        async def record(tables: Tables, unanswered: Sequence[ToolUsage]) -> ToolUsage:
            for before in unanswered:
                if await tables.usage.holds(before):
                    return before
            used = await tables.usage.add(
                self.member.workspace,
                self.member.id,
                tool.own_name if tool else call.name[:200],
                outcome,
                milliseconds,
                connection_id=tool.connection_id if tool else None,
                turn_id=self.turn_id,
                money=None if result.refused else call.money,
                agent_id=self.agent_id,
                left_out=result.left_out,
            )
            await self._audit(tables, tool, result)
            return used

        try:
            await self.db.surely(record, patient=True)
        except Exception:
            # The call has been made, and its answer told.
            log.exception("a call of %s in turn %s could not be recorded", call.name, self.turn_id)

    async def _audit(self, tables: Tables, tool: Tool | None, result: ToolResult) -> None:
        """What only reads is counted alone."""
        if tool is None or not (result.refused or not tool.reads):
            return
        detail = {"tool": tool.own_name, "server": tool.server}
        detail |= {"turn": self.turn_id} if self.turn_id else {}
        detail |= {"agent": self.agent_id} if self.agent_id else {}
        here = (self.member.workspace, self.member.id)
        if result.refused:
            detail["by"] = result.refused
            await tables.audit.add(*here, "call.refused", tool.connection_id or "", detail)
        else:
            # What was not answered in time may have been done.
            outcome = UNCLEAR if result.timed_out else FAILED if result.failed else DONE
            await tables.audit.add(*here, "call.made", tool.connection_id or "", detail, outcome)
