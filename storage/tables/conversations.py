"""Conversations: what was said, the turns that answer it, the events both doors show, the approvals."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Base, Id, SlackId, id_column, index_where, now, workspace_column


def _conversation_id(**options: Any) -> Any:
    return mapped_column(Id, sa.ForeignKey("conversations.id", ondelete="CASCADE"), **options)


class Conversation(Base):
    """One thread in Slack, or one guest's session on a link."""

    __tablename__ = "conversations"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "key"),
        index_where("ix_conversations_silent", "workspace_id", "last_at", only="door = 'slack'"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    member_id: Mapped[str] = mapped_column(SlackId)
    """Whose tools are used and who decides: the member in Slack, the creator on a link."""
    door: Mapped[str] = mapped_column(sa.String(10))
    """slack | link"""
    key: Mapped[str] = mapped_column(sa.String(255))
    """slack: ``member:channel:thread_ts``; link: ``session:<id>``"""
    place: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """slack: channel, thread_ts, team, private; link: link_id, session_id, title"""
    agent_id: Mapped[str] = mapped_column(Id, default="", server_default="")
    """Whom its member asked by name; empty: whichever is the workspace's default. A channel's own goes before it."""
    last_seq: Mapped[int] = mapped_column(default=0)
    """Of its events: counted up in the transaction that adds one."""
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    folded: Mapped[int] = mapped_column(default=0)
    """How many of its messages the summary stands for."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)


class Message(Base):
    """One entry of the model's history, in the provider's own JSON."""

    __tablename__ = "messages"
    __table_args__ = (sa.UniqueConstraint("conversation_id", "position"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    conversation_id: Mapped[str] = _conversation_id()
    turn_id: Mapped[str | None] = mapped_column(Id, default=None)
    position: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


_IN_LINE = ("door", "behind", "workspace_id", "asker", "created_at", "id")


class Turn(Base):
    """From one message to the agent's last word; leased by the process that runs it."""

    __tablename__ = "turns"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "source"),
        index_where("ix_turns_waiting", *_IN_LINE, only="status = 'queued'"),
        index_where("ix_turns_paused", "ended_at", only="status = 'paused'"),
        sa.Index("ix_turns_conversation", "conversation_id", "status"),
        index_where("uq_turns_running", "conversation_id", only="status = 'running'", unique=True),
        index_where("ix_turns_untold", "ended_at", only="NOT told", on_sqlite="told = 0"),
        index_where("ix_turns_unremembered", "ended_at", only="NOT remembered", on_sqlite="remembered = 0"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    conversation_id: Mapped[str] = _conversation_id()
    door: Mapped[str] = mapped_column(sa.String(10), default="slack", server_default="slack")
    """slack | link: of its conversation"""
    asker: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """In whose queue it stands: the member's, or for guests their link's."""
    source: Mapped[str] = mapped_column(sa.String(255))
    """What caused it, once: ``slack:channel:ts``, ``guest:session:client_id``, ``approval:id`` …"""
    kind: Mapped[str] = mapped_column(sa.String(10), default="say")
    """say | resume (after an approval); on a link also host (a person's words to the guest), heard (the guest's to that
    person), whisper (the host's to the agent)"""
    text: Mapped[str] = mapped_column(sa.Text, default="")
    """What was said; empty on a resume."""
    approval_id: Mapped[str | None] = mapped_column(Id, default=None)
    status: Mapped[str] = mapped_column(sa.String(12), default="queued")
    """queued | running | paused | done | failed | stopped | interrupted"""
    behind: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Another of its conversation waits, and goes first: nobody looks whether this one may run."""
    followed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Another may wait behind it, to be let to the front when this one leaves the queue."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Counted up by each claim: the fence of every later write."""
    lease_owner: Mapped[str | None] = mapped_column(sa.String(64), default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    doing: Mapped[list[Any]] = mapped_column(default=list)
    """Titles of calls that may change something, started and not yet stored as answered."""
    stop_asked: Mapped[bool] = mapped_column(default=False)
    reserved: Mapped[int] = mapped_column(default=0)
    """Of versions before, which set tokens aside by turns; a process of one may still write it."""
    tokens: Mapped[int] = mapped_column(default=0)
    shown: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What its face has put up so far, such as the ``ts`` of streamed messages."""
    told: Mapped[bool] = mapped_column(default=False)
    """Its face has shown the end."""
    remembered: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """What its member may find again of it is in the index, or nothing is to be."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class Event(Base):
    """What happened in a conversation, in order: the one log both doors read."""

    __tablename__ = "events"
    __table_args__ = (sa.Index("ix_events_turn", "turn_id"),)

    workspace_id: Mapped[str] = workspace_column()
    conversation_id: Mapped[str] = _conversation_id(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn_id: Mapped[str | None] = mapped_column(Id, default=None)
    kind: Mapped[str] = mapped_column(sa.String(12))
    """message | tool | approval | status | notice | host | changed | whisper | rating | limit | expires | end"""
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)


class Approval(Base):
    """Calls that wait for a person; one row decides who was first."""

    __tablename__ = "approvals"
    __table_args__ = (
        sa.Index("ix_approvals_waiting", "conversation_id", "state"),
        sa.Index("ix_approvals_member", "workspace_id", "member_id", "created_at"),
        index_where("ix_approvals_due", "expires_at", only="state = 'asked'"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = workspace_column()
    conversation_id: Mapped[str] = _conversation_id()
    turn_id: Mapped[str] = mapped_column(Id)
    member_id: Mapped[str] = mapped_column(SlackId)
    """The only one who may decide."""
    calls: Mapped[list[Any]]
    """All calls of the paused step, in order; see ``bot.agent.events.Asked``."""
    pause: Mapped[dict[str, Any]]
    """What the loop needs to take the step up again."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    """Of exactly the calls shown."""
    state: Mapped[str] = mapped_column(sa.String(10), default="asked")
    """asked | approved | always | denied | lapsed | expired"""
    scope: Mapped[str] = mapped_column(sa.String(12), default="", server_default="")
    """What an ``always`` holds for: tool | conversation | arguments | reading; empty, as in older ones: tool."""
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counted up when its member changes arguments: a decision is about the ones that were shown with its button."""
    reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """The member's own words beside a no."""
    reminded_at: Mapped[datetime | None] = mapped_column(default=None)
    why: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """A sentence for its member, where it lapsed for another reason than that the conversation went on."""
    decided_by: Mapped[str | None] = mapped_column(SlackId, default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime]
    message: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Where it was asked in Slack: channel, ts."""
    created_at: Mapped[datetime] = mapped_column(default=now)
