"""Files that tools gave, until they are shown."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, id_column, now, workspace_column


class TurnFile(Base):
    """One file of one call, stored with the call's end and removed once its turn's face has shown it."""

    __tablename__ = "turn_files"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    turn_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    call: Mapped[str] = mapped_column(sa.String(64))
    """The call's key in the turn's events."""
    title: Mapped[str] = mapped_column(sa.Text)
    """Of the tool, for people."""
    position: Mapped[int]
    """Among the files of its call."""
    mime: Mapped[str] = mapped_column(sa.Text)
    content: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=now)
