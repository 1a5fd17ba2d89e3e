"""What a member has decided about single tools, and about what their server says of them."""

from collections.abc import Awaitable, Callable, Sequence

from bot.agent.model import Model
from bot.errors import UserError
from bot.services.approvals import lapsing
from bot.services.connections.using.trying import GONE
from bot.services.links.ending import leaning
from mcp_runtime.tools.pins import offered
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import Approval, Connection

POLICIES = ("ask", "always", "off")
SAYS_SOMETHING_ELSE = "The server says something else once more, or that waits no longer: look at it again."
CHANGED_ONCE_MORE = "That tool has changed once more, or waits no longer: look at it again."


class ToolChoices:
    """``own`` gives a connection of this member's, or raises `UserError`."""

    def __init__(
        self, db: Database, bus: Bus, model: Model, own: Callable[[Member, str], Awaitable[Connection]]
    ) -> None:
        self._db = db
        self._bus = bus
        self._model = model
        self._own = own

    async def set_policy(self, member: Member, connection_id: str, tool: str, policy: str) -> None:
        """Ask before each call, never ask (always), or keep it from the agent (off)."""
        if policy not in POLICIES:
            raise ValueError(policy)
        await self._own(member, connection_id)
        async with self._db.begin() as tables:
            if not await tables.tools.set_policy(member.workspace, connection_id, tool, policy):
                raise UserError(GONE)
            off, about = policy == "off", (member, connection_id, tool)
            closed = await lapsing.switched_off(tables, self._model, *about) if off else []
            if off:
                await leaning.lost(tables, *about)
            detail = {"tool": tool, "policy": policy}
            await tables.audit.add(member.workspace, member.id, "tool.policy", connection_id, detail)
        await lapsing.ring(self._bus, closed)

    async def set_policies(self, member: Member, connection_id: str, tools: Sequence[str], policy: str) -> int:
        """`set_policy` for all of these at once; how many there were."""
        if policy not in POLICIES:
            raise ValueError(policy)
        await self._own(member, connection_id)
        closed: list[Approval] = []
        async with self._db.begin() as tables:
            changed = await tables.tools.set_policies(member.workspace, connection_id, tools, policy)
            if policy == "off":
                for tool in tools:
                    closed += await lapsing.switched_off(tables, self._model, member, connection_id, tool)
                for tool in tools:
                    await leaning.lost(tables, member, connection_id, tool)
            detail = {"tools": list(tools), "policy": policy}
            await tables.audit.add(member.workspace, member.id, "tool.policy", connection_id, detail)
        await lapsing.ring(self._bus, closed)
        return changed

    async def accept(self, member: Member, connection_id: str, tool: str, pin: str) -> None:
        """Take a changed tool as it was shown, and nothing newer: ``pin`` is that of what was shown."""
        await self._own(member, connection_id)
        async with self._db.begin() as tables:
            row = await tables.tools.get(member.workspace, connection_id, tool)
            new = offered(row.offered) if row and row.offered else None
            if new is None or not await tables.tools.accept(
                *(member.workspace, connection_id, tool, pin),
                title=new.title,
                description=new.description,
                hinted_reading=new.hinted_reading,
            ):
                raise UserError(CHANGED_ONCE_MORE)
            detail = {"tool": tool, "pin": pin}
            await tables.audit.add(member.workspace, member.id, "tool.accepted", connection_id, detail)
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._bus.tell("jobs")

    async def accept_instructions(self, member: Member, connection_id: str, pin: str) -> None:
        """Take what the server now says about its tools, as it was shown, and nothing newer."""
        async with self._db.begin() as tables:
            if not await tables.connections.accept_instructions(member.workspace, member.id, connection_id, pin):
                raise UserError(SAYS_SOMETHING_ELSE)
            detail = {"pin": pin}
            await tables.audit.add(member.workspace, member.id, "instructions.accepted", connection_id, detail)
            await tables.home_tabs.changed(member.workspace, member.id)
        await self._bus.tell("jobs")
