"""Cards that administrators added for their workspace."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, SlackId, id_column, now, workspace_column


class AddedCard(Base):
    """A service that members of one workspace may connect. Its id is the name that connections know it by."""

    __tablename__ = "mcp_run_cards"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    title: Mapped[str] = mapped_column(sa.String(24))
    about: Mapped[str] = mapped_column(sa.String(150))
    url: Mapped[str] = mapped_column(sa.Text)
    """Empty where it is a program."""
    spec: Mapped[dict[str, Any] | None] = mapped_column()
    """Of a program: what an administrator confirmed, as `mcp_runtime.specs` writes it; None where it is an address."""
    pin: Mapped[str | None] = mapped_column(sa.String(64))
    """Hash over the spec: a connection that says anything else is not permitted."""
    seconds: Mapped[int | None]
    """That one call of a program may take; None: what holds for all."""
    signs_in: Mapped[str] = mapped_column(sa.String(8))
    """none | token (each member's own) | oauth | shared (one, sealed for the card)"""
    header: Mapped[str] = mapped_column(sa.String(64), default="Authorization")
    """Which one carries a member's token; after «Bearer» where it is this one."""
    reads: Mapped[list[Any]] = mapped_column(default=list)
    """Names of tools that only read: these run without asking."""
    icon: Mapped[str] = mapped_column(sa.String(40))
    questions: Mapped[list[Any]] = mapped_column(default=list)
    """To try, once it is connected."""
    audience: Mapped[list[Any]] = mapped_column(default=list)
    """Ids of the members who may connect it; empty: everybody."""
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str] = mapped_column(SlackId)
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
