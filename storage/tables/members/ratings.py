"""What members think of answers."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, now


class TurnRating(Base):
    """Whether a turn's answer helped this member: their last press holds. It goes with the turn."""

    __tablename__ = "turn_ratings"
    __table_args__ = (sa.Index("ix_turn_ratings_at", "workspace_id", "at"),)

    workspace_id: Mapped[str] = mapped_column(SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    turn_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(SlackId, primary_key=True)
    helped: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)
