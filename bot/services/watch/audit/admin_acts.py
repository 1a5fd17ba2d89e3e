"""Somebody who is no administrator wanted to do what only they may: whoever was one may press what is open still."""

from storage.database import Database
from storage.members import Member


async def refused(db: Database, member: Member, act: str) -> None:
    """``act`` is the name of the button or window."""
    async with db.begin() as tables:
        await tables.workspaces.ensure(member.workspace)
        await tables.audit.add(member.workspace, member.id, "admin.refused", act[:100])
