"""Workspaces, what Slack sent of them, and who did what in them."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId, id_column, now, workspace_column


class Workspace(Base):
    """A Slack team or enterprise. Deleting the row deletes all that belongs to it."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(SlackId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    forget_after_days: Mapped[int | None] = mapped_column(default=None)
    """Members' conversations go when nothing was said in them for so long; None: they stay."""
    slack_guests_allowed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Asked by older versions alone: what holds stands in `outside_rules`."""
    outsiders_allowed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The same, for people of other organisations."""
    enterprise_id: Mapped[str] = mapped_column(SlackId, default="", server_default="")
    """The organisation that it is a part of, whose installation may serve it too."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class Installation(Base):
    """The app as it was installed by OAuth, in a team or in a whole organisation. Its tokens are among the secrets."""

    __tablename__ = "installations"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    """The team, or the organisation where ``org_wide``."""
    org_wide: Mapped[bool] = mapped_column(default=False)
    enterprise_id: Mapped[str] = mapped_column(SlackId, default="")
    bot_user_id: Mapped[str] = mapped_column(SlackId)
    bot_id: Mapped[str] = mapped_column(SlackId, default="")
    scopes: Mapped[str] = mapped_column(sa.Text, default="")
    """By commas, as Slack granted them."""
    installed_by: Mapped[str] = mapped_column(SlackId)
    installed_at: Mapped[datetime] = mapped_column(default=now)
    generation: Mapped[int] = mapped_column(default=1)
    """Counted up with each token: who refreshes one changes nothing that is newer."""
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    """Of its token; None: it lives until it is revoked."""
    rotating_until: Mapped[datetime | None] = mapped_column(default=None)
    """A process is at getting the next token, which takes a refresh token that works once."""
    looked_at: Mapped[datetime] = mapped_column(default=now)
    """When Slack last said that it is there."""


class ForgottenWorkspace(Base):
    """All that is left of a workspace whose data was deleted: that it was, and when."""

    __tablename__ = "forgotten_workspaces"

    id: Mapped[str] = mapped_column(SlackId, primary_key=True)
    forgotten_at: Mapped[datetime] = mapped_column(default=now)


class HandledSlackEvent(Base):
    """An event Slack has delivered: it repeats those it believes lost."""

    __tablename__ = "handled_slack_events"

    workspace_id: Mapped[str] = workspace_column()
    event_id: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class AuditEntry(Base):
    """Who did what. ``mac`` seals ``body`` and the entry before, so that a change shows; the rest are copies."""

    __tablename__ = "audit_records"
    __table_args__ = (
        sa.Index("ix_audit_records_actor", "workspace_id", "actor", "number"),
        sa.Index("ix_audit_records_action", "workspace_id", "action", "number"),
        sa.Index("ix_audit_records_subject", "workspace_id", "subject", "number"),
        sa.Index("ix_audit_records_outcome", "workspace_id", "outcome", "number"),
        sa.Index("ix_audit_records_at", "workspace_id", "at"),
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


class FormerAuditEntry(Base):
    """As the version before wrote them: moved to the others when the next process starts. Else it is empty."""

    __tablename__ = "audit_entries"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "number"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(sa.String(100))
    action: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(100))
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON(none_as_null=True), default=dict)
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


class AuditHead(Base):
    """The newest entry of a workspace: the queue of those who add, and what shows that an end was cut off."""

    __tablename__ = "audit_heads"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(sa.BigInteger)
    mac: Mapped[str] = mapped_column(sa.String(64))
    key_id: Mapped[str] = mapped_column(sa.String(16))
