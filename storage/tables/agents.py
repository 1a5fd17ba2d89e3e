"""Agents of a workspace: their names, instructions and grants."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, index_where, new_id, now


def _workspace_id() -> Any:
    return mapped_column(SlackId, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)


def _of_agent() -> sa.ForeignKeyConstraint:
    # The workspace is in the key: the database itself refuses a row that lies across two of them.
    return sa.ForeignKeyConstraint(
        ["workspace_id", "agent_id"], ["agents.workspace_id", "agents.id"], ondelete="CASCADE"
    )


class Agent(Base):
    """Archived and never deleted, since conversations, channels and links lean on it."""

    __tablename__ = "agents"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "called"),
        index_where("uq_agents_default", "workspace_id", only="is_default", on_sqlite="is_default = 1", unique=True),
    )

    workspace_id: Mapped[str] = _workspace_id()
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(40))
    called: Mapped[str] = mapped_column(sa.String(80))
    """Its name as it is compared: no two of a workspace are called alike."""
    picture: Mapped[str] = mapped_column(sa.String(80), default="")
    """An emoji of Slack's, «:ledger:»."""
    instructions: Mapped[str] = mapped_column(sa.Text, default="")
    scope: Mapped[str] = mapped_column(sa.String(12), default="full_access")
    """What it may do at most with a member's connection: full_access | read_only | custom"""
    tools: Mapped[list[Any]] = mapped_column(default=list)
    """Of ``custom``: the servers' own names."""
    cards: Mapped[list[Any]] = mapped_column(default=list)
    """Of these alone; empty: of all."""
    asks_first: Mapped[bool] = mapped_column(default=False)
    """Nothing, until a connection's member has granted it."""
    used: Mapped[str] = mapped_column(sa.String(10), default="everyone")
    """everyone (guests' links too) | members | channels (nowhere but in those that are fixed to it)"""
    is_default: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[str] = mapped_column(SlackId, default="usher")
    created_at: Mapped[datetime] = mapped_column(default=now)
    archived_at: Mapped[datetime | None] = mapped_column(default=None)


class AgentChannel(Base):
    """A channel in which one agent answers, and no other."""

    __tablename__ = "agent_channels"
    __table_args__ = (_of_agent(), sa.Index("ix_agent_channels_agent", "workspace_id", "agent_id"))

    workspace_id: Mapped[str] = _workspace_id()
    channel: Mapped[str] = mapped_column(SlackId, primary_key=True)
    agent_id: Mapped[str] = mapped_column(Id)


class AgentGrant(Base):
    """What an agent may do with one target: a connection of a member's. It narrows what administrators allow."""

    __tablename__ = "agent_mcp_server_access"
    __table_args__ = (_of_agent(),)

    workspace_id: Mapped[str] = _workspace_id()
    agent_id: Mapped[str] = mapped_column(Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(
        Id, sa.ForeignKey("mcp_connections.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    scope: Mapped[str] = mapped_column(sa.String(12))
    """full_access | read_only | custom | none (revoked)"""
    tools: Mapped[list[Any]] = mapped_column(default=list)
    """Of ``custom``: the server's own names; one that comes later is not among them."""
    granted_by: Mapped[str] = mapped_column(SlackId)
    granted_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
