"""What was spent on the model, what may be, and what is set aside for requests that run now."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, now, workspace_column


class Budget(Base):
    """Of a session, of a creator's or all guests' day, of a member's or a workspace's month; a link's is on its row."""

    __tablename__ = "budgets"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    """``session:id``, ``creator:member:day``, ``workspace:day``, ``month:month``, ``month:month:member``.

    A period is in the key, so nothing is ever reset.
    """
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
    """Empty for what a member asks."""
    member_id: Mapped[str] = mapped_column(SlackId, default="", server_default="")
    conversation_id: Mapped[str] = mapped_column(Id, default="", server_default="")
    turn_id: Mapped[str] = mapped_column(Id, default="", server_default="")
    purpose: Mapped[str] = mapped_column(sa.String(10), default="answer", server_default="answer")
    keys: Mapped[list[Any]]
    """Of the budgets, the link's own aside."""
    tokens: Mapped[int] = mapped_column(sa.BigInteger)
    money: Mapped[int] = mapped_column(sa.BigInteger)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)


class SpendingLimit(Base):
    """What administrators let a workspace or its members spend in a month, and from where on calls ask first."""

    __tablename__ = "spending_limits"

    workspace_id: Mapped[str] = mapped_column(
        SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    whose: Mapped[str] = mapped_column(SlackId, primary_key=True)
    """workspace | members (each that has none of their own) | a member's id | agent: and its id"""
    money: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    """Of a month, in millionths of a US dollar; None: as if the row were not there."""
    asks_from: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    """A call that costs as much asks first, whatever else holds for it."""


class ModelUsage(Base):
    """One request to the model: for whom, what for, what it took. Never what was said.

    It outlives its conversation and its link, since what was spent stays spent; its ids then lead nowhere.
    """

    __tablename__ = "model_usage"
    __table_args__ = (
        sa.Index("ix_model_usage_member", "workspace_id", "member_id", "at"),
        sa.Index("ix_model_usage_turn", "turn_id"),
        sa.Index("ix_model_usage_at", "at"),
        sa.Index("ix_model_usage_workspace", "workspace_id", "at"),
    )

    id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    """Of its reservation."""
    workspace_id: Mapped[str] = mapped_column(SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    member_id: Mapped[str] = mapped_column(SlackId)
    """Who asked, or who made the link."""
    link_id: Mapped[str] = mapped_column(Id, default="")
    conversation_id: Mapped[str] = mapped_column(Id, default="")
    turn_id: Mapped[str] = mapped_column(Id, default="")
    purpose: Mapped[str] = mapped_column(sa.String(10))
    """answer | fold | summary | embed"""
    model: Mapped[str] = mapped_column(sa.String(80), default="")
    """That answered."""
    prompt: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    cached: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Of the prompt."""
    output: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    thoughts: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    money: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    """Millionths of a US dollar at the price of that day; None where no price is known."""
    saved: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """What the cached tokens would have cost on top."""
    brought: Mapped[list[Any] | None] = mapped_column(default=None)
    """Of each call whose result came with it: connection, tool, tokens."""
    measured: Mapped[bool] = mapped_column(default=True)
    """As the provider has told it; else a part is estimated, since the answer broke off."""
    at: Mapped[datetime] = mapped_column(default=now)
