"""What servers ask people in the middle of a call."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, id_column, index_where, now, workspace_column

WAITING = ("asked", "opened")


class Elicitation(Base):
    """One question of a server, asked of one member; whoever holds the call looks here for the answer."""

    __tablename__ = "elicitations"
    __table_args__ = (index_where("ix_elicitations_open", "expires_at", only="state IN ('asked', 'opened')"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    conversation_id: Mapped[str | None] = mapped_column(
        Id, sa.ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    """Of the turn whose call asks; None for a call that the member makes by hand."""
    turn_id: Mapped[str | None] = mapped_column(Id, index=True)
    attempt: Mapped[int]
    """Of the turn: with another one the call is gone."""
    held_until: Mapped[datetime | None] = mapped_column(default=None)
    """Without a turn: until then, or longer, some process is at the call."""
    member_id: Mapped[str] = mapped_column(SlackId)
    """The only one who may answer."""
    connection_id: Mapped[str] = mapped_column(Id)
    server: Mapped[str] = mapped_column(sa.String(80))
    tool: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text)
    """The server's own words."""
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The JSON schema of what it wants to know."""
    url: Mapped[str] = mapped_column(sa.Text, default="")
    """The page that it wants to be opened; empty for a form."""
    number: Mapped[str] = mapped_column(sa.Text, default="")
    """The server's own for the page."""
    hold_seconds: Mapped[float] = mapped_column(default=0.0)
    """How long the call waits for what is done on the page; 0 where its server does that."""
    state: Mapped[str] = mapped_column(sa.String(12), default="asked")
    """asked | opened (the page, and the call waits) | answered | declined | timed_out | gone (the call is)
    | completed (on the page, says the server) | went_on (says the member) | waited (to the end of the hold)"""
    answer: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """Until the call has taken it."""
    message: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Where in Slack it was asked: channel, ts."""
    expires_at: Mapped[datetime]
    """Of what its state waits for: the answer, or what is done on the page."""
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)

    @property
    def waits(self) -> bool:
        """Something is still to be heard of it."""
        return self.state in WAITING
