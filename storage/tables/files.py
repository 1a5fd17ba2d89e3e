"""Files that tools gave, until they are shown, and files that people sent."""

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


class GuestFile(Base):
    """One file that a guest sent, made anew; it waits beside the field they write in until they send a message."""

    __tablename__ = "guest_files"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    session_id: Mapped[str] = mapped_column(
        Id, sa.ForeignKey("temporary_chat_sessions.id", ondelete="CASCADE"), index=True
    )
    turn_id: Mapped[str] = mapped_column(Id, default="", server_default="")
    """Of the message that it came with; empty: it has not been sent yet."""
    name: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.String(10))
    """picture | pdf | text"""
    mime: Mapped[str] = mapped_column(sa.String(40))
    size: Mapped[int]
    """In bytes."""
    tokens: Mapped[int]
    """About how many a model takes for it."""
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes] = mapped_column(deferred=True)
    relayed: Mapped[bool] = mapped_column(default=False)
    """It stands in its host's thread."""
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class MemberFile(Base):
    """One file that came with a member's message, as the model looks at it; gone with its conversation."""

    __tablename__ = "member_files"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    conversation_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    size: Mapped[int]
    """In bytes."""
    content: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
