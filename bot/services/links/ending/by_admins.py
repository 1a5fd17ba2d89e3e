"""An administrator ends a link of anybody's, who is told."""

from bot.errors import UserError
from bot.services.limits.policies import tell_member
from bot.services.links.ending.ending import revoke, ring
from bot.services.links.values import is_live
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Link

GONE = "That link has ended already. Open the tab of links again to see which are alive."
LINK_ENDED = "An administrator has revoked your chat link “{title}”. It is dead for good, its guests' chats with it."


async def revoke_link(db: Database, bus: Bus, admin: Member, link_id: str) -> Link:
    """Whoever made it. Raises `UserError` when it is dead already."""
    async with db.begin() as tables:
        link = await tables.links.get(admin.workspace, link_id)
        ended = await revoke(tables, link, admin.id) if link and is_live(link, now()) else None
        if link is None or ended is None:
            raise UserError(GONE)
        if link.creator_id != admin.id:
            text = LINK_ENDED.format(title=link.title)
            await tell_member(tables, Member(admin.workspace, link.creator_id), text, link_id)
    await ring(bus, ended)
    return link
