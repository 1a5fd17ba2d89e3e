"""What looked like an attack, told apart by network; no whole address is ever stored."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, id_column, now


class SecurityEvent(Base):
    """So many of a kind from one place within a few seconds: a flood makes few rows."""

    __tablename__ = "security_events"
    __table_args__ = (sa.Index("ix_security_events_kind", "kind", "at"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str | None] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), default=None, index=True
    )
    """Of the link or ticket that was meant, or the only one that there is; None where several may be."""
    link_id: Mapped[str | None] = mapped_column(Id, default=None)
    kind: Mapped[str] = mapped_column(sa.String(20))
    """probing | flood | forged | stranger | passcode | replay, and what Usher did by itself: work_on | work_off"""
    network: Mapped[str] = mapped_column(sa.String(43))
    """Its first 24 bits, or 48: too coarse to name a person."""
    who: Mapped[str] = mapped_column(sa.String(64))
    """An HMAC of the caller's network: the same caller is known again, and nobody can say who it is."""
    count: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
