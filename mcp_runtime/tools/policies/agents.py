"""What an agent may do with its member's connections: which tools it is offered, and what it is told of the others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mcp_runtime.tools.policies.terms import TermsOf
from mcp_runtime.tools.toolsets import Route
from storage.database import Tables
from storage.members import Member
from storage.repositories.mcp.standing import ForAgent
from storage.rules.access import Access, Barred, Scope
from storage.rules.outside import Whence
from storage.tables import Agent, Connection, PinnedTool

BARRED = {
    Barred.ARCHIVED: "{}: you have been archived, and may use nothing.",
    Barred.CARD: "{} is not for you: administrators let you use other services. None of its tools is there.",
    Barred.UNGRANTED: (
        "{} is not granted to you, so none of its tools is there. Its owner can grant it in Usher's Home tab, under"
        " Agents."
    ),
    Barred.REVOKED: "{} was taken from you by its owner, who can grant it again in Usher's Home tab, under Agents.",
    Barred.EXPIRED: (
        "{} was granted to you until a time that is over. Its owner can grant it again in Usher's Home tab, under"
        " Agents."
    ),
    Barred.OUTSIDE: "{}: administrators do not let whoever asks use it here. None of its tools is there.",
}
CARD, AGENT = "card", "agent"
READS = "You may only read with it: its tools that change something are not yours to call."
CHOSEN = "You may call none of its tools but those you are offered."


@dataclass(frozen=True)
class Equipment:
    """Who calls, and what it may do with each connection, by its id; of a member in person all."""

    connections: Sequence[Connection]
    agent: Agent | None = None
    access: Mapping[str, Access] = field(default_factory=dict)
    whence: Whence | None = None
    """Of whoever asks, where they are no member."""

    def usable(self, connections: Iterable[Connection]) -> list[Connection]:
        return [each for each in connections if self.agent is None or self.access[each.id].barred is None]

    def offered(self, routes: Iterable[Route]) -> list[Route]:
        if self.agent is None:
            return list(routes)
        return [each for each in routes if may(self.access[each.connection.id], each)]

    def withheld(self, rows: Iterable[PinnedTool], terms: TermsOf) -> dict[tuple[str, str], str]:
        """Connection and own name of each tool that would be there, were it for its member alone: what takes it away.

        That is ``card``, which administrators forbid, or ``agent``, which may not call it.
        """
        mine = {each.id: (each.forbidden, terms(each)) for each in self.connections}
        taken = {}
        for row in rows:
            forbidden, its = mine[row.connection_id]
            if forbidden:
                taken[row.connection_id, row.name] = CARD
            elif self.agent and not self.access[row.connection_id].allows(row.name, reads=its.reads(row)):
                taken[row.connection_id, row.name] = AGENT
        return taken

    def told(self, connections: Iterable[Connection], lines: Iterable[str], barred: Collection[str]) -> list[str]:
        """``lines`` are how the connections are, one each; ``barred`` are those that nobody may use here."""
        if self.agent is None:
            return list(lines)
        return [
            line if each.id in barred else _told(each, line, self.access[each.id])
            for each, line in zip(connections, lines, strict=True)
        ]


class NoSuchAgent(LookupError):
    """Nobody of this workspace is called so, and none is its default: nothing is called then."""


async def equipment(tables: Tables, member: Member, agent: ForAgent | None) -> Equipment:
    """In one statement either way. Raises `NoSuchAgent`."""
    if agent is None:
        return Equipment(await tables.connections.of(member.workspace, member.id))
    found = await tables.grants.equipped(member.workspace, member.id, agent.id, agent.channel)
    if found is None:
        raise NoSuchAgent
    each = found.reachable
    access = {one.connection.id: one.access for one in each}
    return Equipment([one.connection for one in each], found.agent, access, found.whence)


def may(access: Access, route: Route) -> bool:
    if access.unasked and route.tool.guarded:
        return False
    return access.allows(route.tool.own_name, reads=route.tool.rated_reading)


def _told(connection: Connection, line: str, access: Access) -> str:
    if access.barred:
        return BARRED[access.barred].format(connection.title)
    limits = {Scope.READ_ONLY: READS, Scope.CUSTOM: CHOSEN}
    return " ".join([line, *(told for scope, told in limits.items() if scope in access.scopes)])
