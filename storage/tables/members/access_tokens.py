"""Tokens by which programs act for a member."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, id_column, now, workspace_column


class AccessToken(Base):
    """Only its hash is stored; it is shown once, when it is made."""

    __tablename__ = "access_tokens"
    __table_args__ = (sa.Index("ix_access_tokens_member", "workspace_id", "member_id", "kind"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    kind: Mapped[str] = mapped_column(sa.String(4))
    """ushp (a member's own) | ushi (Usher's)"""
    name: Mapped[str] = mapped_column(sa.String(80))
    hash: Mapped[bytes] = mapped_column(unique=True)
    tail: Mapped[str] = mapped_column(sa.String(4))
    """Its last characters, by which its member knows it again."""
    scopes: Mapped[list[Any]]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    """Written once in some minutes."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiRequest(Base):
    """One that a program may send again: done once, and answered as the first time."""

    __tablename__ = "api_requests"

    workspace_id: Mapped[str] = workspace_column()
    token_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("access_tokens.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    """Its caller's own."""
    digest: Mapped[bytes]
    """Of all that it asks, so that a key is not used twice for different things."""
    status: Mapped[int | None] = mapped_column(default=None)
    answer: Mapped[bytes | None] = mapped_column(default=None)
    """Sealed by a key made from the token; None while it is at work."""
    at: Mapped[datetime] = mapped_column(default=now, index=True)
