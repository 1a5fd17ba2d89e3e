"""What administrators have set for their workspace, each by its name."""

from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.rules.egress import EGRESS, Egress
from storage.schema import now
from storage.tables import Connection, Policy, Workspace


class Policies(Repository):
    async def of(self, workspace: str) -> dict[str, dict[str, Any]]:
        """All that were set."""
        query = sa.select(Policy.name, Policy.chosen).where(Policy.workspace_id == workspace)
        return {name: chosen for name, chosen in await self._session.execute(query)}

    async def get(self, workspace: str, name: str) -> dict[str, Any]:
        """Empty where it was not set."""
        query = sa.select(Policy.chosen).where(Policy.workspace_id == workspace, Policy.name == name)
        return await self._session.scalar(query) or {}

    async def to_change(self, workspace: str, name: str, *, by: str) -> dict[str, Any]:
        """As `get`; whoever else wants to change a part of it waits until this transaction ends."""
        blank = {"chosen": {}, "set_by": by, "set_at": now()}
        insert = self._insert(Policy).values(workspace_id=workspace, name=name, **blank)
        await self._session.execute(insert.on_conflict_do_nothing(index_elements=["workspace_id", "name"]))
        query = sa.select(Policy.chosen).where(Policy.workspace_id == workspace, Policy.name == name)
        return await self._session.scalar(query.with_for_update()) or {}

    async def everywhere(self, name: str) -> dict[str, dict[str, Any]]:
        """By workspace, where it was set."""
        found = await self._session.execute(sa.select(Policy.workspace_id, Policy.chosen).where(Policy.name == name))
        return {workspace: chosen for workspace, chosen in found}

    async def egress(self, workspace: str) -> Egress:
        return Egress.of(await self.get(workspace, EGRESS))

    async def put(self, workspace: str, name: str, chosen: dict[str, Any], *, by: str) -> None:
        """The workspace has to be there."""
        values = {"chosen": chosen, "set_by": by, "set_at": now()}
        insert = self._insert(Policy).values(workspace_id=workspace, name=name, **values)
        await self._session.execute(insert.on_conflict_do_update(index_elements=["workspace_id", "name"], set_=values))

    async def forbid(self, workspace: str, card: str, *, forbidden: bool) -> list[tuple[str, str]]:
        """Of this card's connections, all at once; id and member of each that was not so before.

        One that is just being saved is waited for, and found.
        """
        await self._held(workspace)
        theirs = (Connection.workspace_id == workspace, Connection.card == card)
        change = sa.update(Connection).where(*theirs, Connection.forbidden.is_not(forbidden))
        changed = change.values(forbidden=forbidden).returning(Connection.id, Connection.member_id)
        return [(id_, member) for id_, member in await self._session.execute(changed)]

    async def let_reach(self, workspace: str, egress: Egress) -> list[Connection]:
        """Mark each connection by where it leads, all at once; those that were not so marked before, as they are now.

        One that is just being saved, or led elsewhere, is waited for, and found.
        """
        await self._held(workspace)
        theirs = await self._rows(sa.select(Connection).where(Connection.workspace_id == workspace))
        changed = [each for each in theirs if bool(egress.outside(each.spec)) != each.outside]
        for outside in (True, False):
            those = [each.id for each in changed if each.outside is not outside]
            mark = sa.update(Connection).where(Connection.workspace_id == workspace, Connection.id.in_(those))
            await self._session.execute(mark.values(outside=outside))
        for each in changed:
            each.outside = not each.outside
        return changed

    async def _held(self, workspace: str) -> None:
        await self._session.execute(sa.select(Workspace.id).where(Workspace.id == workspace).with_for_update())
