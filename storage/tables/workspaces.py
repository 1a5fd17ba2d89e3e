"""Workspaces, what Slack sent of them, and who did what in them."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId, now, workspace_column


class Workspace(Base):
    """A Slack team or enterprise. Deleting the row deletes all that belongs to it."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(SlackId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    forget_after_days: Mapped[int | None] = mapped_column(default=None)
    """Members' conversations go when nothing was said in them for so long; None: they stay."""
    slack_guests_allowed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Single- and multi-channel guests of the workspace may ask."""
    outsiders_allowed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """So may people of other organisations, where a channel is shared with them."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class HandledSlackEvent(Base):
    """An event Slack has delivered: it repeats those it believes lost."""

    __tablename__ = "handled_slack_events"

    workspace_id: Mapped[str] = workspace_column()
    event_id: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class AuditEntry(Base):
    """Who did what. ``mac`` seals ``body`` and the entry before, so that a change shows; the rest are copies."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_actor", "workspace_id", "actor", "number"),
        sa.Index("ix_audit_entries_action", "workspace_id", "action", "number"),
        sa.Index("ix_audit_entries_subject", "workspace_id", "subject", "number"),
        sa.Index("ix_audit_entries_outcome", "workspace_id", "outcome", "number"),
        sa.Index("ix_audit_entries_at", "workspace_id", "at"),
    )

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(sa.String(100))
    action: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(100))
    outcome: Mapped[str] = mapped_column(sa.String(16))
    body: Mapped[str] = mapped_column(sa.Text)
    """What is sealed, byte for byte; of entries of before there was a key, their detail alone."""
    mac: Mapped[str] = mapped_column(sa.String(64))
    key_id: Mapped[str] = mapped_column(sa.String(16))
    """Which master key the seal's key was made from; empty: a hash without a key, as it was before."""

    @property
    def detail(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said["detail"] if self.key_id else said


class AuditHead(Base):
    """The newest entry of a workspace: the queue of those who add, and what shows that an end was cut off."""

    __tablename__ = "audit_heads"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(sa.BigInteger)
    mac: Mapped[str] = mapped_column(sa.String(64))
    key_id: Mapped[str] = mapped_column(sa.String(16))
