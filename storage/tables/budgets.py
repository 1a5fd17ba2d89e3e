"""What guests have spent, and what is set aside for requests that run now."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, now, workspace_column


class Budget(Base):
    """Of one session, or of a creator or a workspace on one day; a link has its own on its row."""

    __tablename__ = "budgets"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    """``session:id``, ``creator:member:day``, ``workspace:day``: a period is in the key, so nothing is ever reset."""
    tokens_spent: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    tokens_reserved: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    money_spent: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Millionths of a US dollar."""
    money_reserved: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    kept_until: Mapped[datetime] = mapped_column(index=True)


class Reservation(Base):
    """One request to the model, from before it is made until what it took is known."""

    __tablename__ = "budget_reservations"

    id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    """Of a turn, its attempt and its step: settled once, whoever does it."""
    workspace_id: Mapped[str] = workspace_column()
    link_id: Mapped[str] = mapped_column(Id)
    keys: Mapped[list[Any]]
    """Of the budgets, the link's own aside."""
    tokens: Mapped[int] = mapped_column(sa.BigInteger)
    money: Mapped[int] = mapped_column(sa.BigInteger)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)
