"""Work to be done once, tickets for one act, and rates."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId, id_column, now, workspace_column


class Job(Base):
    """Something due: claimed once under a lease, tried again when its process died."""

    __tablename__ = "scheduled_jobs"
    __table_args__ = (sa.UniqueConstraint("once"), sa.Index("ix_scheduled_jobs_due", "due_at"))

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str | None] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), default=None, index=True
    )
    kind: Mapped[str] = mapped_column(sa.String(64))
    once: Mapped[str] = mapped_column(sa.String(255))
    """A key that makes a second one of the same impossible."""
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    every: Mapped[int | None] = mapped_column(default=None)
    """Seconds between runs; None: once, then the row goes."""
    due_at: Mapped[datetime] = mapped_column(default=now)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)


class RateLimit(Base):
    """GCRA: one number a key."""

    __tablename__ = "rate_limits"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    rests_at: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    """When the key would be back at rest, in microseconds since 1970 (GCRA's theoretical arrival time)."""


class Ticket(Base):
    """A single-use URL for one act of one member, such as entering a secret. Only its hash is stored."""

    __tablename__ = "tickets"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    """connect (enter a secret) | sign_in (go on to a service's own sign-in)"""
    hash: Mapped[bytes] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """card, values (no secret), title, view (Slack's id and hash of the open modal); sign_in: what was found out"""
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(default=now)
