"""The first entry of a workspace, and of an audit that was kept without a key until now."""

from storage.database import Database
from storage.repositories.workspaces.audit import USHER
from storage.repositories.workspaces.audit_chain import INSTALLED

AT_ONCE = 100


async def begun(db: Database, workspace: str, name: str) -> None:
    """Usher works for this workspace: noted once, when it is new here."""
    async with db.begin() as tables:
        known = await tables.workspaces.get(workspace)
        await tables.workspaces.ensure(workspace, name)
        if known is None:
            await tables.audit.add(workspace, USHER, INSTALLED, workspace)


async def carried_over(db: Database) -> None:
    """From here on whoever writes the table alone cannot make the entries of before anew either.

    A process of the version before may still run, and write as it did: what it wrote is taken in by the next start.
    """
    async with db.read() as tables:
        left = await tables.audit.unsealed_heads()
    for workspace in left:
        async with db.begin() as tables:
            await tables.audit.restart(workspace)
    while True:
        async with db.begin() as tables:
            if await tables.audit.take_late(AT_ONCE) < AT_ONCE:
                return
