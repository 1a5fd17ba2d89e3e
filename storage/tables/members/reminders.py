"""What members want to be reminded of."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId, id_column, now, workspace_column


class Reminder(Base):
    """Told once, to its member alone; its job rings when it is due."""

    __tablename__ = "reminders"
    __table_args__ = (sa.Index("ix_reminders_member", "workspace_id", "member_id", "state"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    text: Mapped[str] = mapped_column(sa.Text)
    place: Mapped[dict[str, Any]]
    """Where it was asked for in Slack: channel, thread_ts, team, private."""
    due_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    """waiting | telling (it may be told already) | told | cancelled"""
    created_at: Mapped[datetime] = mapped_column(default=now)
