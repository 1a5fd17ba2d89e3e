"""Who did what, each entry chained to the one before it by a hash."""

import hashlib
import json
from datetime import UTC
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.schema import now
from storage.tables import AuditEntry, Workspace

START = "0" * 64


class Audit(Repository):
    async def add(
        self, workspace: str, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None
    ) -> AuditEntry:
        """Let it be the last act of its transaction: it holds up all other entries of the workspace."""
        await self._wait_for_turn(workspace)
        last = await self._last(workspace)
        entry = AuditEntry(
            workspace_id=workspace,
            number=last.number + 1 if last else 1,
            at=now(),
            actor=actor,
            action=action,
            subject=subject,
            detail=detail or {},
            previous=last.hash if last else START,
        )
        entry.hash = digest(entry)
        await self._add(entry)
        return entry

    async def of(self, workspace: str, limit: int = 100) -> list[AuditEntry]:
        """The newest first."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace)
        return await self._rows(query.order_by(AuditEntry.number.desc()).limit(limit))

    async def verify(self, workspace: str) -> bool:
        """Whether nothing was changed, put between or taken out; what was cut off at the end does not show."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace).order_by(AuditEntry.number)
        previous, number = START, 0
        async for entry in await self._session.stream_scalars(query):
            number += 1
            if (entry.number, entry.previous) != (number, previous) or entry.hash != digest(entry):
                return False
            previous = entry.hash
        return True

    async def _wait_for_turn(self, workspace: str) -> None:
        row = sa.select(Workspace.id).where(Workspace.id == workspace)
        await self._session.execute(row.with_for_update(key_share=True))

    async def _last(self, workspace: str) -> AuditEntry | None:
        return next(iter(await self.of(workspace, limit=1)), None)


def digest(entry: AuditEntry) -> str:
    """SHA-256 over all of the entry and the hash before it."""
    said = [entry.workspace_id, entry.number, entry.at.astimezone(UTC).isoformat(), entry.actor, entry.action]
    whole = json.dumps([*said, entry.subject, entry.detail, entry.previous], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()
