"""What happens on a link too often for an entry of the audit each: counted by the hour."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId


class Tally(Base):
    """So often within an hour, of one kind and for one reason, on one link."""

    __tablename__ = "audit_tallies"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    link_id: Mapped[str] = mapped_column(Id, primary_key=True)
    action: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(80), primary_key=True, default="")
    hour: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    """When it began."""
    network: Mapped[str] = mapped_column(sa.String(43), default="")
    """Its first 24 bits, or 48, or «several»; empty: nobody's."""
    pending: Mapped[int]
    """Not in the audit yet."""
    written: Mapped[int] = mapped_column(default=0)
    """In the audit already."""
