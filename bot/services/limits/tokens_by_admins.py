"""An administrator ends an access token of anybody's, who is told."""

from bot.errors import NotYours
from bot.services.limits.policies import tell_member
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import AccessToken

NONE = "That token has ended already."
ENDED = (
    "An administrator has revoked your access token “{name}”. Programs that use it are refused from now on. Make"
    " another on my Home tab if you still need one, or ask them why."
)


async def revoke_token(db: Database, admin: Member, whose: str, token_id: str) -> AccessToken:
    """Dead with its next request. Raises `NotYours` where that member has no such token any more."""
    async with db.begin() as tables:
        gone = await tables.access_tokens.revoke(admin.workspace, whose, token_id, now())
        if gone is None:
            raise NotYours(NONE)
        await tables.home_tabs.changed(admin.workspace, whose)
        if whose != admin.id:
            await tell_member(tables, Member(admin.workspace, whose), ENDED.format(name=gone.name), token_id)
        told = {"name": gone.name, "member": whose}
        await tables.audit.add(admin.workspace, admin.id, "token.revoked", token_id, told)
    return gone
