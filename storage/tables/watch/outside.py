"""Who may ask besides the workspace's members: what administrators set, and what they said of single ones."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.rules.outside import Rule, State
from storage.schema import Base, SlackId, now


class OutsideRule(Base):
    """Of a kind of people; where there is no row, none of them may."""

    __tablename__ = "outside_rules"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    """guests | outsiders | bots"""
    rule: Mapped[str] = mapped_column(sa.String(20), default=Rule.REFUSE.value)
    """refuse | ask | read_only | allow"""
    channels: Mapped[list[Any]] = mapped_column(default=list)
    """In these alone; empty: everywhere."""
    set_by: Mapped[str] = mapped_column(SlackId)
    set_at: Mapped[datetime] = mapped_column(default=now)


class OutsidePerson(Base):
    """One who has asked, and is no member: a row says so wherever their calls are made."""

    __tablename__ = "outside_people"
    __table_args__ = (sa.Index("ix_outside_people_state", "workspace_id", "state", "decided_at"),)

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[str] = mapped_column(SlackId, primary_key=True)
    """Of a bot that is nobody's account, the bot's own id."""
    kind: Mapped[str] = mapped_column(sa.String(20))
    home: Mapped[str] = mapped_column(SlackId, default="")
    """The organisation that they are of, by Slack's word."""
    state: Mapped[str] = mapped_column(sa.String(20), default=State.MET.value)
    """met | asked | allowed | refused"""
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    """Until when an admin may answer."""
    decided_by: Mapped[str] = mapped_column(SlackId, default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    question: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Their first message, kept until it is answered, refused or too old; empty for none."""
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Where each admin was asked, so that the question can be replaced by its outcome."""
