"""How a workspace is doing at this moment, in a few counts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.conversations.in_line import QUEUED
from storage.repositories.repository import Repository
from storage.tables import Approval, Connection, Job, Link, SecurityEvent, Session, Turn


@dataclass(frozen=True)
class Counts:
    answered: int = 0
    """Since the moment that was asked about, as all that is counted over time."""
    failed: int = 0
    queued: int = 0
    """Messages that wait longer than they should."""
    late: int = 0
    """Jobs that are due for longer than they should."""
    connections: int = 0
    failing: int = 0
    signs_in: int = 0
    forbidden: int = 0
    links: int = 0
    """That are alive."""
    chatting: int = 0
    """Guests, now."""
    asked: int = 0
    """Questions that wait for a person."""
    turned_away: int = 0
    """What looked like an attack on guests' pages, and was refused."""


class Health(Repository):
    async def health(self, workspace: str, since: datetime, late: datetime, now: datetime) -> Counts:
        """``late``: what has been due since before that waits too long."""
        turns = (Turn.workspace_id == workspace, Turn.created_at >= since)
        mine = (Connection.workspace_id == workspace, Connection.leaving_since.is_(None))
        alive = (Link.revoked_at.is_(None), Link.closed_at.is_(None), Link.expires_at > now)
        due = (
            Job.workspace_id == workspace,
            Job.due_at < late,
            sa.or_(Job.lease_until.is_(None), Job.lease_until < late),
        )
        questions = (
            _count(Turn, *turns, Turn.status == "done"),
            _count(Turn, *turns, Turn.status == "failed"),
            _count(Turn, Turn.workspace_id == workspace, Turn.status == QUEUED, Turn.created_at < late),
            _count(Job, *due),
            _count(Connection, *mine),
            _count(Connection, *mine, Connection.status == "failing"),
            _count(Connection, *mine, Connection.status == "sign_in"),
            _count(Connection, *mine, Connection.forbidden.is_(True)),
            _count(Link, Link.workspace_id == workspace, *alive),
            _count(Session, Session.workspace_id == workspace, Session.ended_at.is_(None)),
            _count(Approval, Approval.workspace_id == workspace, Approval.state == "asked", Approval.expires_at > now),
            sa.select(sa.func.coalesce(sa.func.sum(SecurityEvent.count), 0))
            .where(SecurityEvent.workspace_id == workspace, SecurityEvent.at >= since)
            .scalar_subquery(),
        )
        row = (await self._session.execute(sa.select(*questions))).one()
        return Counts(*map(int, row))


def _count(table: type, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).where(*where).scalar_subquery()
