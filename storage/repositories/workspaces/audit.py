"""Who did what, each entry chained to the one before it by a hash."""

import hashlib
import json
import sys
from datetime import UTC
from typing import Any

import sqlalchemy as sa

from storage.engines.plain_text import as_json, plain
from storage.repositories.repository import Repository
from storage.schema import now
from storage.tables import AuditEntry, Workspace

START = "0" * 64
LARGEST = int(sys.float_info.max)


class Audit(Repository):
    async def add(
        self, workspace: str, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None
    ) -> AuditEntry:
        """Let it be the last act of its transaction: it holds up all other entries of the workspace.

        The entry is as it will be read, since its hash covers that: what no database keeps is replaced before.
        """
        await self._wait_for_turn(workspace)
        last = await self._last(workspace)
        entry = AuditEntry(
            workspace_id=workspace,
            number=last.number + 1 if last else 1,
            at=now(),
            actor=plain(actor),
            action=plain(action),
            subject=plain(subject),
            detail=json.loads(plain(as_json(detail or {}))),
            previous=last.hash if last else START,
        )
        entry.hash = digest(entry, entry.detail)
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
            if (entry.number, entry.previous) != (number, previous) or not _holds(entry):
                return False
            previous = entry.hash
        return True

    async def _wait_for_turn(self, workspace: str) -> None:
        row = sa.select(Workspace.id).where(Workspace.id == workspace)
        await self._session.execute(row.with_for_update(key_share=True))

    async def _last(self, workspace: str) -> AuditEntry | None:
        return next(iter(await self.of(workspace, limit=1)), None)


def _holds(entry: AuditEntry) -> bool:
    # Up to 0.1.0 PostgreSQL gave 1e+16 back as an integer; the hash tells which of the two it was.
    return entry.hash == digest(entry, entry.detail) or entry.hash == digest(entry, _as_floats(entry.detail))


def digest(entry: AuditEntry, detail: Any) -> str:
    """SHA-256 over all of the entry and the hash before it."""
    said = [entry.workspace_id, entry.number, entry.at.astimezone(UTC).isoformat(), entry.actor, entry.action]
    whole = json.dumps([*said, entry.subject, detail, entry.previous], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def _as_floats(value: Any) -> Any:
    """With the floats that JSONB once made integers of: Python writes those from here on with an exponent."""
    if isinstance(value, dict):
        return {name: _as_floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_floats(each) for each in value]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    exact = 10**16 <= abs(value) <= LARGEST and int(float(value)) == value  # else it was an integer all along
    return float(value) if exact else value
