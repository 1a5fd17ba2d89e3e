"""Members' secrets: sealed, here or in a store outside."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, index_where, now


class Secret(Base):
    """A sealed secret: its own key, wrapped by the master key named in ``key_id``. What is sealed may lie outside."""

    __tablename__ = "secrets"
    __table_args__ = (
        index_where("ix_secrets_bound", "bound_for", only="bound_for <> ''"),
        index_where("ix_secrets_place", "place", only="place <> ''"),
    )

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[str] = mapped_column(SlackId, primary_key=True)
    owner: Mapped[str] = mapped_column(Id, primary_key=True)
    """The connection's id, or the ticket's while one is being made."""
    field: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(sa.String(16), index=True)
    wrapped_key: Mapped[bytes]
    nonce: Mapped[bytes]
    """New with each sealing: which of two secrets in one row is meant."""
    ciphertext: Mapped[bytes]
    """Empty while it lies outside."""
    store: Mapped[str] = mapped_column(sa.String(16), default="database", server_default="database")
    """Where the sealed secret lies: here, or in which store outside."""
    place: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """What it is called there."""
    bound_for: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    """The store that it is still to be taken to."""


class SecretPlace(Base):
    """Something that may lie in a store outside: noted before it is put there, so that nothing is left there unknown.

    It belongs to nobody and outlives its workspace: what no secret names any more is taken away by it.
    """

    __tablename__ = "secret_places"

    store: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    place: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now, index=True)
    leaving: Mapped[bool] = mapped_column(default=False)
    """No secret may name it any more: it is being taken away."""
