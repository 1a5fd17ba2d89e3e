"""Who did what, each entry chained to the one before it by a hash."""

import hashlib
import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from storage.engines.plain_text import as_json, plain
from storage.repositories.repository import Repository
from storage.schema import now
from storage.tables import AuditEntry, Workspace

START = "0" * 64
CUT = "retention.removed"
"""The entry that says up to which number older ones were removed, and the hash of the last of them."""
LARGEST = int(sys.float_info.max)


@dataclass(frozen=True)
class Cut:
    """``count`` entries are gone, up to the number ``upto``, whose hash was ``hash``."""

    count: int
    upto: int
    hash: str


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

    async def about(self, workspace: str, subject: str, actions: Collection[str], most: int = 200) -> list[AuditEntry]:
        """The newest entries of these kinds about one thing, the newest first."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace, AuditEntry.subject == subject)
        query = query.where(AuditEntry.action.in_(list(actions)))
        return await self._rows(query.order_by(AuditEntry.number.desc()).limit(most))

    async def details(self, workspace: str, action: str, since: datetime) -> list[dict[str, Any]]:
        """Of all entries of this kind since then."""
        query = sa.select(AuditEntry.detail).where(AuditEntry.workspace_id == workspace, AuditEntry.at >= since)
        return list(await self._session.scalars(query.where(AuditEntry.action == action)))

    async def cut(self, workspace: str, before: datetime, most: int) -> Cut | None:
        """Remove the oldest; None when none is as old. In the same transaction, add the entry that says so.

        What is cut has to be the front of the chain, whatever the clock said when its entries were made.
        """
        await self._wait_for_turn(workspace)
        of_it = AuditEntry.workspace_id == workspace
        young = sa.select(sa.func.min(AuditEntry.number)).where(of_it, AuditEntry.at >= before).scalar_subquery()
        newest = sa.select(sa.func.max(AuditEntry.number)).where(of_it).scalar_subquery()  # the next hangs on it
        old = sa.select(AuditEntry).where(of_it, AuditEntry.number < sa.func.coalesce(young, newest))
        oldest = await self._rows(old.order_by(AuditEntry.number).limit(most))
        if not oldest:
            return None
        last = oldest[-1]
        await self._count(sa.delete(AuditEntry).where(of_it, AuditEntry.number <= last.number))
        return Cut(len(oldest), last.number, last.hash)

    async def verify(self, workspace: str) -> bool:
        """Whether nothing was changed, put between or taken out; what was cut off at the end does not show."""
        query = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace).order_by(AuditEntry.number)
        previous, number = await self._front(workspace)
        async for entry in await self._session.stream_scalars(query):
            number += 1
            if (entry.number, entry.previous) != (number, previous) or not _holds(entry):
                return False
            previous = entry.hash
        return True

    async def _front(self, workspace: str) -> tuple[str, int]:
        """The hash and number that the oldest entry has to hang on: the start, or what the last cut left word of."""
        of_it = sa.select(AuditEntry).where(AuditEntry.workspace_id == workspace)
        cut = await self._session.scalar(
            of_it.where(AuditEntry.action == CUT).order_by(AuditEntry.number.desc()).limit(1)
        )
        return (cut.detail["hash"], cut.detail["upto"]) if cut else (START, 0)

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
