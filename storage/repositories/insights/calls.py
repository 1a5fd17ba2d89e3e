"""Calls of tools, counted by whatever is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Approval, Session, ToolUsage, Turn

ENOUGH = 5
"""Calls, before anything is said of how they went."""


@dataclass(frozen=True)
class Calls:
    """What our own rules refused was never sent, and is no failure."""

    done: int = 0
    failed: int = 0
    """Those too that were not answered in time."""
    refused: int = 0
    milliseconds: int = 0
    """Of all that were sent."""
    money: int = 0
    """As far as cards say it, in millionths of a US dollar."""
    last: datetime | None = None

    @property
    def sent(self) -> int:
        return self.done + self.failed

    @property
    def success(self) -> float | None:
        """Of one; None while there are too few to say."""
        return self.done / self.sent if self.sent >= ENOUGH else None

    @property
    def seconds(self) -> float:
        """Of one call, on average."""
        return self.milliseconds / self.sent / 1000 if self.sent else 0.0


def _times(*outcomes: str) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((ToolUsage.outcome.in_(outcomes), 1), else_=0)), 0)


_SENT = ToolUsage.outcome.in_(("done", "failed", "timed_out"))
_SUMS = (
    _times("done"),
    _times("failed", "timed_out"),
    _times("refused"),
    sa.func.coalesce(sa.func.sum(sa.case((_SENT, ToolUsage.milliseconds), else_=0)), 0),
    sa.func.coalesce(sa.func.sum(ToolUsage.money), 0),
    sa.func.max(ToolUsage.at),
)


class CallCounts(Repository):
    async def calls_by_connection(
        self, workspace: str, connection_ids: Sequence[str], since: datetime
    ) -> dict[str, Calls]:
        query = sa.select(ToolUsage.connection_id, *_SUMS).where(
            *_since(workspace, since), ToolUsage.connection_id.in_(connection_ids)
        )
        rows = await self._session.execute(query.group_by(ToolUsage.connection_id))
        return {row[0]: _calls(row[1:]) for row in rows}

    async def calls_by_link(self, workspace: str, link_ids: Sequence[str]) -> dict[str, Calls]:
        """Of their guests, from the beginning."""
        query = (
            sa.select(Session.link_id, *_SUMS)
            .join(Turn, Turn.conversation_id == Session.conversation_id)
            .join(ToolUsage, ToolUsage.turn_id == Turn.id)
            .where(Session.workspace_id == workspace, Session.link_id.in_(link_ids))
        )
        return {row[0]: _calls(row[1:]) for row in await self._session.execute(query.group_by(Session.link_id))}

    async def last_outcomes(self, workspace: str, member: str, since: datetime, most: int) -> dict[str, list[str]]:
        """How the last calls of each of their connections ended, the newest first."""
        newest = sa.func.row_number().over(partition_by=ToolUsage.connection_id, order_by=ToolUsage.at.desc())
        rows = (
            sa.select(ToolUsage.connection_id, ToolUsage.outcome, newest.label("number"))
            .where(*_since(workspace, since, member), _SENT, ToolUsage.connection_id.is_not(None))
            .subquery()
        )
        query = sa.select(rows.c.connection_id, rows.c.outcome).where(rows.c.number <= most).order_by(rows.c.number)
        found: dict[str, list[str]] = {}
        for connection, outcome in await self._session.execute(query):
            found.setdefault(connection, []).append(outcome)
        return found

    async def decisions(self, workspace: str, member: str, since: datetime, most: int) -> list[tuple[str, list[Any]]]:
        """What this member decided since then, the newest first: state, and calls."""
        theirs = (Approval.workspace_id == workspace, Approval.member_id == member, Approval.created_at >= since)
        query = sa.select(Approval.state, Approval.calls).where(
            *theirs, Approval.state.in_(("approved", "always", "denied"))
        )
        rows = await self._session.execute(query.order_by(Approval.created_at.desc()).limit(most))
        return [(state, calls) for state, calls in rows]


def _since(workspace: str, since: datetime, member: str = "") -> Sequence[sa.ColumnElement[bool]]:
    ours = (ToolUsage.workspace_id == workspace, ToolUsage.at >= since)
    return (*ours, ToolUsage.member_id == member) if member else ours


def _calls(row: Sequence[Any]) -> Calls:
    done, failed, refused, milliseconds, money, last = row
    return Calls(int(done), int(failed), int(refused), int(milliseconds), int(money), last)
