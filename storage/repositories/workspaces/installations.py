"""Where the app is installed: which installation serves a workspace, and who refreshes its token."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.repositories.repository import Repository, beyond_its_workspace, values_of
from storage.tables import Installation, Workspace

_I = Installation


class Installations(Repository):
    async def put(self, row: Installation) -> None:
        """In place of an earlier one; its workspace has to be there. The generation goes on, never back."""
        values = values_of(row)
        replaced = {
            **{"rotating_until": None, "expires_at": None},
            **{name: value for name, value in values.items() if name != "workspace_id"},
            "generation": _I.generation + 1,
        }
        insert = self._insert(_I).values(**values)
        await self._session.execute(insert.on_conflict_do_update(index_elements=["workspace_id"], set_=replaced))

    @beyond_its_workspace
    async def serving(self, workspace: str, enterprise: str = "") -> Installation | None:
        """The team's own before that of its organisation: the one noted, or ``enterprise`` where none is."""
        noted = sa.select(Workspace.enterprise_id).where(Workspace.id == workspace).scalar_subquery()
        of_all = sa.and_(_I.org_wide, _I.workspace_id == sa.func.coalesce(sa.func.nullif(noted, ""), enterprise))
        query = sa.select(_I).where(sa.or_(_I.workspace_id == workspace, of_all))
        return await self._session.scalar(query.order_by(_I.org_wide).limit(1))

    async def all(self) -> list[Installation]:
        return await self._rows(sa.select(_I).order_by(_I.workspace_id))

    async def not_looked_at(self, since: datetime, most: int) -> list[Installation]:
        """Of which Slack has not said since then that they are there; the longest first."""
        return await self._rows(sa.select(_I).where(_I.looked_at < since).order_by(_I.looked_at).limit(most))

    async def looked_at(self, workspace: str, at: datetime) -> None:
        await self._session.execute(sa.update(_I).where(_I.workspace_id == workspace).values(looked_at=at))

    async def take_rotation(self, row: Installation, now: datetime, lease: timedelta) -> bool:
        """True for one process alone: it may use the refresh token, until the lease lapses."""
        free = sa.or_(_I.rotating_until.is_(None), _I.rotating_until < now)
        mine = (_I.workspace_id == row.workspace_id, _I.generation == row.generation)
        return await self._did(sa.update(_I).where(*mine, free).values(rotating_until=now + lease))

    async def rotated(self, row: Installation, expires_at: datetime | None) -> bool:
        """False when the app was installed anew meanwhile: that token is the newer one."""
        mine = (_I.workspace_id == row.workspace_id, _I.generation == row.generation)
        fresh = {"generation": _I.generation + 1, "expires_at": expires_at, "rotating_until": None}
        return await self._did(sa.update(_I).where(*mine).values(fresh))

    async def delete(self, workspace: str, *, before: datetime | None = None) -> bool:
        """``before``: Slack may tell of an uninstall after the app was installed again, and that one stays."""
        older = sa.true() if before is None else _I.installed_at < before
        return await self._did(sa.delete(_I).where(_I.workspace_id == workspace, older))
