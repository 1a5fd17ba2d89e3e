"""Administrators say which hosts members' tools may lie at, and what leads elsewhere stops at once."""

from collections import Counter
from collections.abc import Sequence

from bot.errors import FormError
from bot.services.limits.policies import CARDS_CHANGED, tell_member
from mcp_runtime.sandbox.network.destinations import SCHEME, Destinations
from mcp_runtime.sessions.pool import TOPIC as SESSIONS
from mcp_runtime.transports.egress import EgressOf
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.rules.egress import ANYWHERE, EGRESS, Egress, named, plain
from storage.schema import now
from storage.tables import Connection

SET = "policy.egress_set"
STOPPED = (
    "Administrators here do not let the host be reached that {titles} at. I use none of its tools from now on; your"
    " connection and its token are kept, and it works again if they allow it."
)
AGAIN = "The host that {titles} at may be reached here again. Your connection works as before."
NOT_ONE = "“{entry}” is no host. Write one a line: example.org, *.example.org for all below it, or example.org:8443."
TOO_MANY = "Name at most 32 hosts: *.example.org stands for all below it."


def egress_of(db: Database) -> EgressOf:
    """As it is at each moment: nothing is kept of it."""

    async def of(workspace: str) -> Egress:
        if not workspace:
            return ANYWHERE
        async with db.read() as tables:
            return await tables.policies.egress(workspace)

    return of


def typed(text: str, field: str) -> Egress:
    """From lines or commas; nothing typed is no list at all. Raises `FormError`."""
    entries = [plain(each) for each in text.replace(",", "\n").split("\n") if each.strip()]
    for each in entries:
        try:
            Destinations.of([each])
        except ValueError:
            raise FormError({field: NOT_ONE.format(entry=each[:80])}) from None
        if each.startswith(SCHEME):
            raise FormError({field: NOT_ONE.format(entry=each[:80])})
    try:
        Destinations.of(entries)
    except ValueError:
        raise FormError({field: TOO_MANY}) from None
    return Egress(tuple(dict.fromkeys(entries)) or None)


class Reaching:
    """Whoever calls has seen to it that ``admin`` is one."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def of(self, workspace: str) -> Egress:
        return await egress_of(self._db)(workspace)

    async def in_use(self, workspace: str, beyond: Egress | None = None) -> Counter[str]:
        """The hosts that connections lead to now, with how many do; with ``beyond``, those alone that it leaves out."""
        async with self._db.read() as tables:
            there = await tables.connections.of_workspace(workspace)
        if beyond is not None:
            return Counter(host for each in there if (host := beyond.outside(each.spec)))
        return Counter(host for each in there for host in named(each.spec))

    async def set(self, admin: Member, egress: Egress) -> int:
        """It holds for the next call of an answer that is under way too; how many connections stop by it."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(admin.workspace)
            changed = await tables.policies.let_reach(admin.workspace, egress)
            await tables.policies.put(admin.workspace, EGRESS, {"hosts": list(egress.hosts or ())}, by=admin.id)
            moment = now().isoformat()
            for member, outside in sorted({(each.member_id, each.outside) for each in changed}):
                theirs = [each for each in changed if (each.member_id, each.outside) == (member, outside)]
                text = (STOPPED if outside else AGAIN).format(titles=_titles(theirs))
                await tell_member(tables, Member(admin.workspace, member), text, f"{moment}:{outside}")
            stopped = sum(each.outside for each in changed)
            detail = {"hosts": list(egress.hosts or ()), "stopped": stopped, "again": len(changed) - stopped}
            await tables.audit.add(admin.workspace, admin.id, SET, admin.workspace, detail)
        await self._bus.tell(CARDS_CHANGED)
        await self._bus.tell(SESSIONS)
        await self._bus.tell("jobs")
        return stopped


def _titles(connections: Sequence[Connection]) -> str:
    named = [f"“{each.title}”" for each in connections]
    return f"{named[0]} is" if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]} are"
