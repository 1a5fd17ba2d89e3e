"""An administrator disconnects all that a member has connected, who is told."""

from bot.services.connections.connections import Connections
from bot.services.limits.policies import tell_member
from storage.database import Database
from storage.members import Member
from storage.schema import now

DISCONNECTED = (
    "An administrator has disconnected all your tools here ({count}). Their tokens are deleted. Connect again what you"
    " still need, or ask them why."
)


async def disconnect_all(db: Database, connections: Connections, admin: Member, member: Member) -> int:
    """Gone with their secrets; how many."""
    async with db.read() as tables:
        theirs = await tables.connections.of(member.workspace, member.id)
    for each in theirs:
        await connections.disconnect(member, each.id, by=admin.id)
    if theirs and member != admin:
        async with db.begin() as tables:
            await tell_member(tables, member, DISCONNECTED.format(count=len(theirs)), now().isoformat())
    return len(theirs)
