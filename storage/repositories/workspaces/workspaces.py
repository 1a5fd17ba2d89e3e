"""Workspaces: all that Usher keeps belongs to one of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Agent, Connection, Conversation, ForgottenWorkspace, Installation, Link, Workspace

USHER = "Usher"
"""What a workspace's first agent is called."""
OF_PEOPLE: Mapping[str, sa.ColumnElement[str] | Any] = {
    "conversations": Conversation.workspace_id,
    "connections": Connection.workspace_id,
    "chat links": Link.workspace_id,
}


class Workspaces(Repository):
    async def ensure(self, workspace: str, name: str = "") -> None:
        """Every other row of a workspace needs this one first; a name given replaces the one known.

        A new one has an agent from the first: the default, which may do all that its members may.
        """
        insert = self._insert(Workspace).values(id=workspace, name=name)
        if await self._did(insert.on_conflict_do_nothing(index_elements=["id"])):
            await self.give_agent(workspace)
        elif name:
            other = sa.update(Workspace).where(Workspace.id == workspace, Workspace.name != name)
            await self._session.execute(other.values(name=name))

    async def give_agent(self, workspace: str) -> None:
        """The default one, where there is none: an older version makes workspaces without."""
        its = {"workspace_id": workspace, "name": USHER, "called": USHER.casefold(), "is_default": True}
        await self._session.execute(self._insert(Agent).values(its).on_conflict_do_nothing())

    async def part_of(self, workspace: str, enterprise: str, *, anew: bool = True) -> bool:
        """Note which organisation it is a part of; False when nothing changed. Not ``anew``: where none is noted."""
        before = Workspace.enterprise_id != enterprise if anew else Workspace.enterprise_id == ""
        change = sa.update(Workspace).where(Workspace.id == workspace, before)
        return await self._did(change.values(enterprise_id=enterprise))

    async def served_by(self, enterprise: str) -> list[str]:
        """Those that are part of it and have no installation of their own."""
        own = sa.exists().where(Installation.workspace_id == Workspace.id)
        query = sa.select(Workspace.id).where(Workspace.enterprise_id == enterprise, ~own)
        return list(await self._session.scalars(query.order_by(Workspace.id)))

    async def get(self, workspace: str) -> Workspace | None:
        return await self._session.scalar(sa.select(Workspace).where(Workspace.id == workspace))

    async def ids(self) -> list[str]:
        return list(await self._session.scalars(sa.select(Workspace.id).order_by(Workspace.id)))

    async def counts(self, workspace: str) -> dict[str, int]:
        """How much there is of what people would miss."""
        found = {}
        for name, whose in OF_PEOPLE.items():
            count = sa.select(sa.func.count()).where(whose == workspace)
            found[name] = await self._session.scalar(count) or 0
        return found

    async def delete(self, workspace: str) -> bool:
        """Nothing of the workspace is left behind; False if there was none."""
        return await self._did(sa.delete(Workspace).where(Workspace.id == workspace))

    async def forget(self, workspace: str, at: datetime) -> bool:
        """As `delete`, and note that it was done and when."""
        if not await self.delete(workspace):
            return False
        noted = self._insert(ForgottenWorkspace).values(id=workspace, forgotten_at=at)
        await self._session.execute(noted.on_conflict_do_update(index_elements=["id"], set_={"forgotten_at": at}))
        return True

    async def forgotten_at(self, workspace: str) -> datetime | None:
        return await self._session.scalar(
            sa.select(ForgottenWorkspace.forgotten_at).where(ForgottenWorkspace.id == workspace)
        )
