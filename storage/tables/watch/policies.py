"""What administrators have set for their workspace."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId, now


class Policy(Base):
    """One of them, by its name; where there is no row, nothing was set."""

    __tablename__ = "policies"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    """cards (names that are forbidden) | links (who makes them, and how far they go) | digest"""
    chosen: Mapped[dict[str, Any]]
    set_by: Mapped[str] = mapped_column(SlackId)
    set_at: Mapped[datetime] = mapped_column(default=now)
