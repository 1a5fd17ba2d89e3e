"""Which calls of a turn ask before they run: for their price, for whose words they would send, or unless allowed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from bot.agent.loop import Leave
from bot.agent.model import Model
from bot.services.approvals import allowing, asking
from bot.services.approvals.flow.judging import Flow
from bot.services.chats.opening import Opened
from bot.services.chats.tools import by_name
from bot.services.chats.values import Place
from bot.services.limits.budgets.budgets import threshold
from bot.services.limits.budgets.priced import Priced
from mcp_runtime.tools.policies.agents import AGENT
from mcp_runtime.tools.tools import ToolCall, Toolset
from storage.database import Database
from storage.members import Member


class Leaving:
    """Of one turn; ``tools`` are its tools with their prices."""

    def __init__(self, db: Database, model: Model, found: Opened, tools: Toolset) -> None:
        self._db = db
        self._found = found
        self._member = Member(found.conversation.workspace_id, found.conversation.member_id)
        self.tools = Priced(tools, partial(threshold, db, self._member))
        self._flow = Flow(model, private=found.link is None and Place.of(found.conversation).private)

    async def of(self, calls: Sequence[ToolCall]) -> Leave:
        """What a guest's turn may do was frozen with their link: nothing was allowed beyond it."""
        dear = await self.tools.look(calls)
        tools = by_name(self.tools)
        asks = dear | await self._flow.look(self._found.history, calls, tools)
        if self._found.link:
            return Leave(asks=asks)
        if self._found.of_member and self._found.of_member.reads_only:
            return Leave(
                never=asks | {at for at, call in enumerate(calls) if (t := tools.get(call.name)) and t.guarded}
            )
        here = self._member, self._found.conversation.id
        return Leave(await allowing.positions(self._db, *here, calls, tools), asks)

    def note(self, shown: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
        """Beside each call of a question: what it costs, and whose words it would send."""
        self.tools.note(shown, names)
        self._flow.note(shown)


async def taken_since(db: Database, found: Opened, withheld: asking.Withheld) -> None:
    """What was allowed and may not be called any more is refused, and in the audit, as in the middle of a turn."""
    calls = asking.taken_since(found.approval, withheld) if found.approval else []
    if not calls:
        return
    agent = found.of_member.agent.id if found.of_member else str(found.link.agent.get("id", "")) if found.link else ""
    async with db.begin() as tables:
        for call in calls:
            by = withheld[call["connection_id"], call["tool"]]
            detail = {"tool": call["tool"], "by": by} | ({"agent": agent} if by == AGENT else {})
            whose = (found.conversation.workspace_id, found.conversation.member_id)
            await tables.audit.add(*whose, "call.refused", call["connection_id"], detail)
