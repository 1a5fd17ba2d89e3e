"""A member's tools, made ready for a turn piece by piece: they may be thousands, with megabytes of definitions."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from mcp_runtime.addresses import Reach
from mcp_runtime.tools.asking.elicitation import Asker
from mcp_runtime.tools.policies import Bounded, Checked, Later, Permitted, Recorded
from mcp_runtime.tools.policies.agents import Equipment, NoSuchAgent, equipment
from mcp_runtime.tools.policies.terms import Permits, TermsOf
from mcp_runtime.tools.states import said, states, usable
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.tools.toolsets import (
    MAX_HELD,
    ConnectedTools,
    Frozen,
    Key,
    MemberTools,
    Route,
    Routes,
    frozen_routes,
    keys_of,
)
from mcp_runtime.transports.fair_turns import FairTurns
from storage.database import Database
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.tables import Connection, PinnedTool

MORE = "{} tools are left out: the definitions of all tools together have more than {} million characters."
Make = Callable[..., Awaitable[ToolResult]]


@dataclass(frozen=True)
class Caller:
    """``agent`` calls with the member's connections, as far as it may; None: the member in person."""

    member: Member
    agent: ForAgent | None = None
    turn_id: str | None = None
    asker: Asker | None = None


@dataclass(frozen=True)
class Times:
    """In seconds."""

    connect: float
    call: float

    def patience(self, seconds: float | None) -> float:
        """With a call, its server may have to be started, and to wait its turn."""
        return self.connect + 2 * (seconds or self.call)


@dataclass(frozen=True)
class Readying:
    """``make`` makes a call; ``later`` sees to it that it is recorded."""

    db: Database
    terms: TermsOf
    permits: Permits
    reach: Reach
    times: Times
    later: Later
    make: Make

    async def toolset(self, caller: Caller) -> MemberTools:
        mine, rows, barred = await self._pinned(caller)
        there = mine.usable(usable(mine.connections, barred))
        found, left_out = await routed(there, rows, self.terms)
        inner = self._with_policies(caller, mine, mine.offered(found))
        lines = mine.told(mine.connections, states(mine.connections, rows, barred), barred)
        withheld = mine.withheld(rows, self.terms)
        return MemberTools(inner, [*lines, *left_out], said(there), mine.agent, withheld, mine.whence)

    async def toolset_of(self, caller: Caller, tools: Sequence[Frozen]) -> MemberTools:
        mine, rows, barred = await self._pinned(caller) if tools else (Equipment(()), [], set())
        there, wanted = mine.usable(usable(mine.connections, barred)), set(keys_of(tools))
        found = frozen_routes((await routed(there, rows, self.terms, wanted))[0], tools)
        inner = self._with_policies(caller, mine, mine.offered(found))
        return MemberTools(inner, agent=mine.agent, withheld=mine.withheld(rows, self.terms))

    async def _pinned(self, caller: Caller) -> tuple[Equipment, list[PinnedTool], set[str]]:
        """All connections, all tools, and the ids of those connections that may not be used here."""
        try:
            return await self._look(caller)
        except NoSuchAgent:
            async with self.db.begin() as tables:
                await tables.workspaces.give_agent(caller.member.workspace)
            return await self._look(caller)

    async def _look(self, caller: Caller) -> tuple[Equipment, list[PinnedTool], set[str]]:
        async with self.db.read() as tables:
            mine = await equipment(tables, caller.member, caller.agent)
            ids = [each.id for each in mine.connections]
            rows = await tables.tools.of_many(caller.member.workspace, ids) if ids else []
        return mine, rows, {each.id for each in mine.connections if await self.permits(each)}

    def _with_policies(self, caller: Caller, mine: Equipment, found: Sequence[Route]) -> Recorded:
        connections = {route.tool.name: route.connection for route in found}
        times = {name: self.times.patience(self.terms(each).seconds) for name, each in connections.items()}
        made = ConnectedTools(found, partial(self.make, asker=caller.asker))
        checked = Checked(Bounded(made, self.times.patience(None), times), connections, self.terms, self.reach)
        permitted = Permitted(checked, self.db, caller.member, caller.agent)
        agent = mine.agent.id if mine.agent else ""
        return Recorded(permitted, self.db, caller.member, self.later, caller.turn_id, agent)


async def routed(
    connections: Sequence[Connection],
    rows: Iterable[PinnedTool],
    terms: TermsOf,
    wanted: Collection[Key] | None = None,
) -> tuple[list[Route], list[str]]:
    """The routes, and a line about what is left out, if anything is; others have their turns in between."""
    found, turns = Routes(connections, terms, wanted), FairTurns()
    for row in rows:
        turns.work(partial(found.take, row))
        await turns.others()
    return found.all, [MORE.format(found.more, MAX_HELD // 1_000_000)] if found.more else []
