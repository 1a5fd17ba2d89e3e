"""What an administrator looks at on the Home tab."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId, now


class HomePlace(Base):
    """Which tab, and which page of it: Home is published anew with each change, and stays where it was."""

    __tablename__ = "home_places"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[str] = mapped_column(SlackId, primary_key=True)
    tab: Mapped[str] = mapped_column(sa.String(20))
    page: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=now)
