"""What members let others read in channels."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, now, workspace_column


class ShownInChannel(Base):
    """A member's standing yes: what this connection of theirs gives may be shown in this channel."""

    __tablename__ = "shown_in_channels"

    connection_id: Mapped[str] = mapped_column(
        Id, sa.ForeignKey("mcp_connections.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(SlackId, primary_key=True)
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    created_at: Mapped[datetime] = mapped_column(default=now)
