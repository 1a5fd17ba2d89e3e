"""What members may find again, and what they asked to have noted.

Their search index belongs to no model: migrations make it by hand, and all of it is called ``search_…``.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, id_column, index_where, now, workspace_column

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""An INTEGER PRIMARY KEY: SQLite's index points at rowids, and VACUUM may renumber those that nobody named."""


def _of_memory() -> Mapped[int]:
    parent = sa.ForeignKey("memories.number", ondelete="CASCADE")
    return mapped_column(Number, parent, primary_key=True, autoincrement=False)


class Memory(Base):
    """A piece of a conversation: what its member said, what was answered, what a tool gave."""

    __tablename__ = "memories"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "member_id", "digest"),
        sa.Index("ix_memories_who_at", "who", "at"),
        index_where("ix_memories_due", "due_at", only="due_at IS NOT NULL"),
    )

    number: Mapped[int] = mapped_column(Number, primary_key=True)
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    """The only one who may find it."""
    conversation_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    """said | answer | tool"""
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    """A tool's title for people, «GitHub: List issues»; empty for what was said."""
    about: Mapped[str] = mapped_column(sa.String(200), default="")
    """The call's arguments in a line: «repo: shop»."""
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(sa.Text)
    who: Mapped[str] = mapped_column(sa.String(32))
    """Workspace and member as one word of the index."""
    words: Mapped[str] = mapped_column(sa.Text)
    """For the index alone."""
    digest: Mapped[bytes]
    """Of source and text: what comes again is kept once."""
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it may be given its vector; None: it has one, or never will."""
    tries: Mapped[int] = mapped_column(default=0)


class MemorySigns(Base):
    """The signs of a vector; narrow, since all of a member's are read for a search."""

    __tablename__ = "memory_signs"
    __table_args__ = (sa.Index("ix_memory_signs_number", "number"),)

    who: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    model: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    """Model and dimensions: vectors of two have nothing to do with each other."""
    number: Mapped[int] = _of_memory()
    workspace_id: Mapped[str] = workspace_column()
    signs: Mapped[bytes]


class MemoryVector(Base):
    __tablename__ = "memory_vectors"

    number: Mapped[int] = _of_memory()
    workspace_id: Mapped[str] = workspace_column()
    halves: Mapped[bytes]
    """16-bit floats, of length 1."""


class Note(Base):
    """A sentence that a member asked to have remembered; told with each of their turns."""

    __tablename__ = "notes"
    __table_args__ = (sa.Index("ix_notes_member", "workspace_id", "member_id"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    text: Mapped[str] = mapped_column(sa.String(200))
    turn_id: Mapped[str | None] = mapped_column(Id, default=None)
    since: Mapped[datetime] = mapped_column(default=now)
