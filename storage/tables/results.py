"""What came of a guest's chat, for the creator of its link."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, now, workspace_column


class Result(Base):
    """Of one session: what its guest answered, and what it came to in a few words."""

    __tablename__ = "temporary_chat_results"

    session_id: Mapped[str] = mapped_column(
        Id, sa.ForeignKey("temporary_chat_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    workspace_id: Mapped[str] = workspace_column()
    link_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("temporary_chat_links.id", ondelete="CASCADE"), index=True)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By the number of the question among those that the link covers, from 1."""
    complete_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the last open question was answered."""
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    message_ts: Mapped[str] = mapped_column(sa.String(32), default="")
    """Of the message in its host's thread that shows the answers; empty: there is none yet."""
    changed_at: Mapped[datetime] = mapped_column(default=now)


class Opening(Base):
    """How often a link's page was looked at, by people and by machines. It decides nothing."""

    __tablename__ = "temporary_chat_openings"

    link_id: Mapped[str] = mapped_column(
        Id, sa.ForeignKey("temporary_chat_links.id", ondelete="CASCADE"), primary_key=True
    )
    workspace_id: Mapped[str] = mapped_column(SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    people: Mapped[int] = mapped_column(default=0)
    machines: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(default=now)
