"""Members' connections to MCP servers: what they offer, how they are reached, what was called."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.plain_text import as_json
from storage.schema import Base, Id, JsonText, SlackId, id_column, now, workspace_column


def _connection_id(**options: Any) -> Any:
    return mapped_column(Id, sa.ForeignKey("mcp_connections.id", ondelete="CASCADE"), **options)


class Connection(Base):
    """One member's link to one MCP server. ``spec`` holds no secret."""

    __tablename__ = "mcp_connections"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "member_id", "slug"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    card: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(sa.String(80))
    slug: Mapped[str] = mapped_column(sa.String(40))
    """Prefix of its tools' names; unique for the member."""
    spec: Mapped[dict[str, Any]]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What its card's form was answered, without secrets; empty when that was not kept yet."""
    version: Mapped[int] = mapped_column(default=1)
    """Of the credential: a new secret means a new session."""
    status: Mapped[str] = mapped_column(sa.String(20), default="connected")
    """connected | failing (not answering as it should) | sign_in (it refuses the token)"""
    trouble: Mapped[str] = mapped_column(sa.Text, default="")
    """The last failure, a clause for its member; empty when it works."""
    cause: Mapped[str] = mapped_column(sa.String(24), default="", server_default="")
    """One word for that failure (`mcp_runtime.errors.causes`)."""
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when its member wants none of its tools used."""
    forbidden: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Administrators let its card not be used: none of its tools is offered or called, whatever its member wants."""
    outside: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It leads to a host that administrators do not let be reached: as if `forbidden`, until they do."""
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    retry_at: Mapped[datetime | None] = mapped_column(default=None)
    """Until when it is left alone: its own wish, or since it has failed again and again."""
    left_out: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Pairs of a tool's name and the reason why it could not be taken, as at the last listing."""
    speaks: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Transport and version that worked the last time, and what was declared beside tools; empty while none has."""
    nothing_beside: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It was asked and has neither resources nor prompts, whatever it declares; until it says that this has changed."""
    instructions: Mapped[str | None] = mapped_column(sa.Text, default=None)
    """What its server says about its tools, as accepted with them; None while it was not heard yet."""
    instructions_offered: Mapped[str | None] = mapped_column(sa.Text, default=None)
    """What it says now, when that is something else: none of it is used until its member has accepted it."""
    wants_rights: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """Rights that a call lacked, in the server's words: asked for when its member signs in again."""
    sign_in_note: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Where its member was asked to sign in again, for whoever shows that; empty while nothing of it is open."""
    sign_in_note_held: Mapped[datetime | None] = mapped_column(default=None)
    """Until then one process is at that message, and no other."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    checked_at: Mapped[datetime] = mapped_column(default=now)
    leaving_since: Mapped[datetime | None] = mapped_column(default=None)
    """Its member has disconnected it, and can still take that back: until then it is nowhere but here."""


class PinnedTool(Base):
    """A tool as its member accepted it. One that is changed, or new since, is ``set_aside`` until it is accepted."""

    __tablename__ = "mcp_tools"

    workspace_id: Mapped[str] = workspace_column()
    connection_id: Mapped[str] = _connection_id(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    definition_json: Mapped[str] = mapped_column("definition", JsonText, key="definition_json")
    """The tool's JSON as accepted, without ``_meta`` and icons; its input schema is in ``inputSchema``."""
    pin: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of ``definition``; empty for a new tool, of which nothing was ever accepted."""
    offered_json: Mapped[str | None] = mapped_column("offered", JsonText, key="offered_json", default=None)
    """A changed or new definition that waits for the member."""
    offered_pin: Mapped[str | None] = mapped_column(sa.String(64), default=None)
    """SHA-256 of ``offered``."""
    hinted_reading: Mapped[bool] = mapped_column(default=False)
    """The server says that it only reads: shown, not believed."""
    policy: Mapped[str] = mapped_column(sa.String(10), default="ask")
    """ask | free (the card's own list) | always (the member said so) | off"""
    state: Mapped[str] = mapped_column(sa.String(10), default="accepted")
    """accepted | set_aside | gone"""

    @property
    def definition(self) -> dict[str, Any]:
        """Read anew each time: it may be large, and few need it."""
        read: dict[str, Any] = json.loads(self.definition_json)
        return read

    @definition.setter
    def definition(self, value: dict[str, Any]) -> None:
        self.definition_json = as_json(value)

    @property
    def offered(self) -> dict[str, Any] | None:
        """Read anew each time, as `definition` is."""
        read: dict[str, Any] | None = json.loads(self.offered_json or "null")
        return read

    @offered.setter
    def offered(self, value: dict[str, Any] | None) -> None:
        self.offered_json = None if value is None else as_json(value)


class AllowedCalls(Base):
    """Calls of one tool that its member wants no question about: in one conversation, or with these arguments.

    What holds for all calls of a tool is its policy. This holds for the definition with its ``pin`` alone.
    """

    __tablename__ = "mcp_allowed_calls"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    connection_id: Mapped[str] = _connection_id(index=True)
    tool: Mapped[str] = mapped_column(sa.String(200))
    pin: Mapped[str] = mapped_column(sa.String(64))
    conversation_id: Mapped[str | None] = mapped_column(
        Id, sa.ForeignKey("conversations.id", ondelete="CASCADE"), default=None, index=True
    )
    """None: in all."""
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Those that have to be as they are here; the others may be anything."""
    approval_id: Mapped[str | None] = mapped_column(Id, default=None)
    """The question that was answered so."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class ToolUsage(Base):
    """One call: what was called, by whom, how it went. Never its arguments or its result."""

    __tablename__ = "mcp_tool_usage"
    __table_args__ = (
        sa.Index("ix_mcp_tool_usage_member", "workspace_id", "member_id", "at"),
        sa.Index("ix_mcp_tool_usage_connection", "connection_id", "at"),
        sa.Index("ix_mcp_tool_usage_turn", "turn_id"),
        sa.Index("ix_mcp_tool_usage_at", "workspace_id", "at"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    connection_id: Mapped[str | None] = mapped_column(Id, default=None)
    turn_id: Mapped[str | None] = mapped_column(Id, default=None)
    agent_id: Mapped[str] = mapped_column(Id, default="", server_default="")
    """Which agent called; empty: the member in person."""
    tool: Mapped[str] = mapped_column(sa.String(200))
    outcome: Mapped[str] = mapped_column(sa.String(20))
    """done | failed | timed_out | refused (by a policy of ours, before anything was sent)"""
    milliseconds: Mapped[int]
    money: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    """What it cost by its card's own word, in millionths of a US dollar; None where nobody knows."""
    at: Mapped[datetime] = mapped_column(default=now)
