"""Temporary chat links and the guests' sessions on them. Only hashes of their secrets are stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, id_column, index_where, now, workspace_column


class Link(Base):
    """What its creator handed out, with the limits and the agent frozen when it was made."""

    __tablename__ = "temporary_chat_links"
    __table_args__ = (
        sa.Index("ix_temporary_chat_links_creator", "workspace_id", "creator_id"),
        index_where("ix_temporary_chat_links_open", "expires_at", only="closed_at IS NULL"),
        index_where("ix_temporary_chat_links_closed", "workspace_id", "closed_at", only="closed_at IS NOT NULL"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    creator_id: Mapped[str] = mapped_column(SlackId)
    title: Mapped[str] = mapped_column(sa.String(120))
    purpose: Mapped[str] = mapped_column(sa.Text, default="")
    """Shown to the guest."""
    instructions: Mapped[str] = mapped_column(sa.Text, default="")
    """Given to the agent; never shown to the guest."""
    tools: Mapped[list[Any]] = mapped_column(default=list)
    """Frozen: [{connection_id, name, pin, free}], and for its creator to read: title, server."""
    agent: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Frozen: id, name and instructions of the agent that answers; empty: the workspace's default, as it is."""
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    starters: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """What a guest may begin with, at one press."""
    covers: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """What the agent asks in the course of the chat."""
    language: Mapped[str] = mapped_column(sa.String(8), default="", server_default="")
    """In which its guests are spoken to; empty: as each one's browser asks."""
    frozen: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """The hash of all that was chosen, as its creator was shown it; empty for links of older versions."""
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    former_hashes: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """In hexadecimal, of addresses that were replaced: they start nothing, but lead a guest back to their chat."""
    access: Mapped[str] = mapped_column(sa.String(10), default="anyone", server_default="anyone")
    """Who may start: anyone | passcode | member | mail"""
    passcode_hash: Mapped[bytes | None] = mapped_column(default=None)
    """Its salt, then its slow hash."""
    addressee: Mapped[str] = mapped_column(sa.String(254), default="", server_default="")
    """The one person it is for, who proves it by a code: a member's id, or an address of mail."""
    idle_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    """Silence that ends a chat; 0: it only rests."""
    max_sessions: Mapped[int] = mapped_column(default=1)
    used_sessions: Mapped[int] = mapped_column(default=0)
    tokens_spent: Mapped[int] = mapped_column(default=0)
    tokens_reserved: Mapped[int] = mapped_column(default=0)
    money_spent: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """Millionths of a US dollar."""
    money_reserved: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    unpriced: Mapped[str] = mapped_column(sa.String(80), default="", server_default="")
    """A model that answered on it and whose price nobody has written down: what it cost is counted too high."""
    expires_at: Mapped[datetime]
    extended_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it was last given more time: guests' cookies were made for less."""
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    """Nobody new may start; who chats goes on."""
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_by: Mapped[str | None] = mapped_column(SlackId, default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its sessions were ended because it expired or was revoked."""
    keep_hours: Mapped[int | None] = mapped_column(default=None)
    """For how long what was said on it is kept after a chat's end; None: as long as the installation does."""
    follow_channel: Mapped[str] = mapped_column(SlackId, default="", server_default="")
    """In which its chats are followed; empty: in its creator's direct message."""
    follow_lost_at: Mapped[datetime | None] = mapped_column(default=None)
    """When that took no more messages: since then they are followed in the direct message all the same."""
    count_channel: Mapped[str] = mapped_column(SlackId, default="", server_default="")
    count_ts: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """Where in Slack one message counts its guests; empty: nowhere yet."""
    count_drawn: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """The hash of what that says now."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class LinkDraft(Base):
    """What somebody chose for a link and looks at before it is made."""

    __tablename__ = "temporary_chat_drafts"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    chosen: Mapped[dict[str, Any]]
    frozen: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Session(Base):
    """One guest on one link."""

    __tablename__ = "temporary_chat_sessions"
    __table_args__ = (
        sa.UniqueConstraint("link_id", "idem_hash"),
        index_where("ix_temporary_chat_sessions_open", "last_at", only="ended_at IS NULL"),
        index_where(
            "ix_temporary_chat_sessions_thread", "workspace_id", "thread_channel", "thread_ts", only="thread_ts <> ''"
        ),
        index_where("ix_temporary_chat_sessions_asked", "host_since", only="host_state = 'asked'"),
        index_where("ix_temporary_chat_sessions_erasing", "last_at", only="erase_asked_by <> '' AND erased_at IS NULL"),
        index_where("ix_temporary_chat_sessions_kept", "workspace_id", "ended_at", only="erase_asked_by = ''"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    link_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("temporary_chat_links.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = mapped_column(Id)
    idem_hash: Mapped[bytes]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    former_secret_hash: Mapped[bytes | None] = mapped_column(default=None, index=True)
    """Of the device from which it was moved to another: it opens nothing, and is told so."""
    guest_name: Mapped[str] = mapped_column(sa.String(80), default="Guest")
    language: Mapped[str] = mapped_column(sa.String(8), default="", server_default="")
    """In which they were spoken to when they started; empty for sessions of older versions."""
    consent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the guest agreed to: hash of the text, and when."""
    messages: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    end_reason: Mapped[str] = mapped_column(sa.String(20), default="")
    """guest | host | revoked | expired | idle | unused | abuse"""
    paused_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    """The event that let it rest; whatever comes after that in its log has woken it."""
    host_state: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")
    """Who answers: empty (the agent) | asked (the agent, and the guest wants a person) | host"""
    host_since: Mapped[datetime | None] = mapped_column(default=None)
    """When that last changed; None: it never has."""
    known_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last event of which the agent knows what people said to each other."""
    thread_channel: Mapped[str] = mapped_column(SlackId, default="", server_default="")
    thread_ts: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """Where in Slack its creator follows it; empty: nowhere yet."""
    former_channel: Mapped[str] = mapped_column(SlackId, default="", server_default="")
    former_ts: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """Where it was followed until that channel was lost: its first part still stands there."""
    mirrored_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last event that stands in that thread."""
    mirror_upto: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last event of what was being told there; beyond ``mirrored_seq``, it may stand there or not."""
    mirror_held_until: Mapped[datetime | None] = mapped_column(default=None)
    """Until then one process is telling it, and no other."""
    erase_asked_by: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")
    """Who wants nothing of it kept: guest | host | time (the days it was to be kept are over); empty: nobody."""
    erased_at: Mapped[datetime | None] = mapped_column(default=None)
    """When that was done: this row is all that is left, and names nobody."""


class OneTimeCode(Base):
    """A short code that is valid for minutes, once, and in one hand."""

    __tablename__ = "temporary_chat_codes"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    link_id: Mapped[str] = mapped_column(Id, sa.ForeignKey("temporary_chat_links.id", ondelete="CASCADE"), index=True)
    holder: Mapped[bytes] = mapped_column(unique=True)
    """The hash of who may give it back: the browser that asked for it."""
    session_id: Mapped[str] = mapped_column(Id, default="", server_default="")
    """The chat that it moves to another device; empty: it lets somebody start."""
    code_hash: Mapped[bytes] = mapped_column(index=True)
    """With a key of ours: of so few digits a bare hash would tell them."""
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_by: Mapped[bytes | None] = mapped_column(default=None)
    """The hash of the request that has used it."""
