"""Who may ask besides the workspace's own members: nobody, until an admin says so."""

from dataclasses import dataclass

from storage.database import Database
from storage.members import Member

ACTION = "workspace.opened_to"


@dataclass(frozen=True)
class OpenTo:
    guests: bool = False
    """Slack's own: single- and multi-channel guests of the workspace."""
    outsiders: bool = False
    """People of other organisations, in channels that are shared with them."""


class Openness:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, workspace: str) -> OpenTo:
        async with self._db.read() as tables:
            return OpenTo(*await tables.workspaces.open_to(workspace))

    async def set(self, admin: Member, to: OpenTo) -> None:
        """The caller has seen that this is an admin."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(admin.workspace)
            await tables.workspaces.set_open_to(admin.workspace, guests=to.guests, outsiders=to.outsiders)
            detail = {"guests": to.guests, "outsiders": to.outsiders}
            await tables.audit.add(admin.workspace, admin.id, ACTION, admin.workspace, detail)
