"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID, NAME = sa.String(36), sa.String(64)
TIME, TEXT, NUMBER, FLAG, BYTES = sa.DateTime(timezone=True), sa.Text(), sa.Integer(), sa.Boolean(), sa.LargeBinary()


def upgrade() -> None:
    _workspaces()
    _mcp()
    _conversations()
    _turns()
    _links()
    _work()


def downgrade() -> None:
    for table in (
        *("tickets", "rate_limits", "scheduled_jobs", "temporary_chat_sessions", "temporary_chat_links"),
        *("approvals", "turns", "events", "messages", "conversations"),
        *("mcp_tool_usage", "secrets", "mcp_tools", "mcp_connections"),
        *("audit_entries", "handled_slack_events", "workspaces"),
    ):
        op.drop_table(table)


def _col(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _maybe(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _table(name: str, *columns: sa.Column[Any] | sa.Constraint, key: tuple[str, ...] = ("id",)) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _owned(name: str, *parts: sa.Column[Any] | sa.Constraint, key: tuple[str, ...] = ("id",)) -> None:
    """A table whose rows belong to a workspace and go with it."""
    own_id = [_col("id", ID)] if key == ("id",) else []
    whose = (_col("workspace_id", NAME), _of(name, "workspace_id", "workspaces"))
    _table(name, *own_id, *whose, *parts, key=key)
    if key[0] != "workspace_id":
        _index(name, "workspace_id")


def _of(table: str, column: str, parent: str) -> sa.Constraint:
    name = f"fk_{table}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")


def _unique(table: str, *columns: str) -> sa.Constraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _index(table: str, *columns: str, name: str = "", **options: Any) -> None:
    op.create_index(name or f"ix_{table}_{'_'.join(columns)}", table, list(columns), **options)


def _only(condition: str, on_sqlite: str = "") -> dict[str, Any]:
    """An index over the rows that meet a condition."""
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(on_sqlite or condition)}


def _workspaces() -> None:
    _table("workspaces", _col("id", NAME), _col("name", sa.String(200)), _col("created_at", TIME))
    _owned("handled_slack_events", _col("event_id", sa.String(255)), _col("at", TIME), key=("event_id",))
    _index("handled_slack_events", "at")
    _owned(
        "audit_entries",
        *(_col("number", NUMBER), _col("at", TIME), _col("actor", sa.String(100)), _col("action", NAME)),
        *(_col("subject", sa.String(100)), _col("detail", JSON), _col("previous", NAME), _col("hash", NAME)),
        _unique("audit_entries", "workspace_id", "number"),
    )


def _mcp() -> None:
    _owned(
        "mcp_connections",
        *(_col("member_id", NAME), _col("card", NAME), _col("title", sa.String(80)), _col("slug", sa.String(40))),
        *(_col("spec", JSON), _col("version", NUMBER), _col("status", sa.String(20)), _col("trouble", TEXT)),
        *(_col("created_at", TIME), _col("checked_at", TIME)),
        _unique("mcp_connections", "workspace_id", "member_id", "slug"),
    )
    _owned(
        "mcp_tools",
        *(_col("connection_id", ID), _of("mcp_tools", "connection_id", "mcp_connections")),
        *(_col("name", sa.String(200)), _col("title", sa.String(200)), _col("description", TEXT)),
        *(_col("definition", JSON), _col("pin", NAME), _maybe("offered", JSON), _col("hinted_reading", FLAG)),
        *(_col("policy", sa.String(10)), _col("state", sa.String(10))),
        key=("connection_id", "name"),
    )
    _owned(
        "secrets",
        *(_col("member_id", NAME), _col("owner", ID), _col("field", NAME), _col("key_id", sa.String(16))),
        *(_col("wrapped_key", BYTES), _col("nonce", BYTES), _col("ciphertext", BYTES)),
        key=("workspace_id", "member_id", "owner", "field"),
    )
    _index("secrets", "key_id")
    _owned(
        "mcp_tool_usage",
        *(_col("member_id", NAME), _maybe("connection_id", ID), _maybe("turn_id", ID), _col("tool", sa.String(200))),
        *(_col("outcome", sa.String(20)), _col("milliseconds", NUMBER), _col("at", TIME)),
    )
    _index("mcp_tool_usage", "workspace_id", "member_id", "at", name="ix_mcp_tool_usage_member")


def _conversations() -> None:
    _owned(
        "conversations",
        *(_col("member_id", NAME), _col("door", sa.String(10)), _col("key", sa.String(255)), _col("place", JSON)),
        *(_col("last_seq", NUMBER), _col("summary", TEXT), _col("folded", NUMBER)),
        *(_col("created_at", TIME), _col("last_at", TIME)),
        _unique("conversations", "workspace_id", "key"),
    )
    _owned(
        "messages",
        *(_col("conversation_id", ID), _of("messages", "conversation_id", "conversations")),
        *(_maybe("turn_id", ID), _col("position", NUMBER), _col("content", JSON), _col("created_at", TIME)),
        _unique("messages", "conversation_id", "position"),
    )
    _owned(
        "events",
        *(_col("conversation_id", ID), _of("events", "conversation_id", "conversations")),
        sa.Column("seq", NUMBER, nullable=False, autoincrement=False),
        *(_maybe("turn_id", ID), _col("kind", sa.String(12)), _col("body", JSON), _col("at", TIME)),
        key=("conversation_id", "seq"),
    )
    _index("events", "turn_id", name="ix_events_turn")


def _turns() -> None:
    _owned(
        "turns",
        *(_col("conversation_id", ID), _of("turns", "conversation_id", "conversations")),
        *(_col("source", sa.String(255)), _col("kind", sa.String(10)), _col("text", TEXT), _maybe("approval_id", ID)),
        *(_col("status", sa.String(12)), _col("attempts", NUMBER), _maybe("lease_owner", NAME)),
        *(_maybe("lease_until", TIME), _col("doing", JSON), _col("stop_asked", FLAG), _col("reserved", NUMBER)),
        *(_col("tokens", NUMBER), _col("shown", JSON), _col("told", FLAG)),
        *(_col("created_at", TIME), _maybe("ended_at", TIME)),
        _unique("turns", "workspace_id", "source"),
    )
    _index("turns", "status", "created_at", name="ix_turns_claim")
    _index("turns", "conversation_id", "status", name="ix_turns_conversation")
    _index("turns", "conversation_id", name="uq_turns_running", unique=True, **_only("status = 'running'"))
    _index("turns", "ended_at", name="ix_turns_untold", **_only("NOT told", "told = 0"))
    _owned(
        "approvals",
        *(_col("conversation_id", ID), _of("approvals", "conversation_id", "conversations")),
        *(_col("turn_id", ID), _col("member_id", NAME), _col("calls", JSON), _col("pause", JSON)),
        *(_col("digest", NAME), _col("state", sa.String(10)), _maybe("decided_by", NAME), _maybe("decided_at", TIME)),
        *(_col("expires_at", TIME), _col("message", JSON), _col("created_at", TIME)),
    )
    _index("approvals", "conversation_id", "state", name="ix_approvals_waiting")
    _index("approvals", "expires_at", name="ix_approvals_due", **_only("state = 'asked'"))


def _links() -> None:
    links, sessions = "temporary_chat_links", "temporary_chat_sessions"
    _owned(
        links,
        *(_col("creator_id", NAME), _col("title", sa.String(120)), _col("purpose", TEXT), _col("instructions", TEXT)),
        *(_col("tools", JSON), _col("limits", JSON), _col("token_hash", BYTES)),
        *(_col("max_sessions", NUMBER), _col("used_sessions", NUMBER)),
        *(_col("tokens_spent", NUMBER), _col("tokens_reserved", NUMBER), _col("expires_at", TIME)),
        *(_maybe("revoked_at", TIME), _maybe("revoked_by", NAME), _maybe("closed_at", TIME), _col("created_at", TIME)),
        _unique(links, "token_hash"),
    )
    _index(links, "workspace_id", "creator_id", name="ix_temporary_chat_links_creator")
    _index(links, "expires_at", name="ix_temporary_chat_links_open", **_only("closed_at IS NULL"))
    _owned(
        sessions,
        *(_col("link_id", ID), _of(sessions, "link_id", links), _col("conversation_id", ID)),
        *(_col("idem_hash", BYTES), _col("secret_hash", BYTES), _col("guest_name", sa.String(80))),
        *(_col("consent", JSON), _col("messages", NUMBER), _col("started_at", TIME), _col("last_at", TIME)),
        *(_maybe("ended_at", TIME), _col("end_reason", sa.String(20))),
        *(_unique(sessions, "link_id", "idem_hash"), _unique(sessions, "secret_hash")),
    )
    _index(sessions, "link_id")
    _index(sessions, "last_at", name="ix_temporary_chat_sessions_open", **_only("ended_at IS NULL"))


def _work() -> None:
    _table("rate_limits", _col("key", NAME), _col("rests_at", sa.BigInteger()), key=("key",))
    _index("rate_limits", "rests_at")
    _table(
        "scheduled_jobs",
        *(_col("id", ID), _maybe("workspace_id", NAME), _of("scheduled_jobs", "workspace_id", "workspaces")),
        *(_col("kind", NAME), _col("once", sa.String(255)), _col("payload", JSON), _maybe("every", NUMBER)),
        *(_col("due_at", TIME), _maybe("lease_until", TIME), _col("attempts", NUMBER)),
        _unique("scheduled_jobs", "once"),
    )
    _index("scheduled_jobs", "workspace_id")
    _index("scheduled_jobs", "due_at", name="ix_scheduled_jobs_due")
    _owned(
        "tickets",
        *(_col("member_id", NAME), _col("purpose", sa.String(20)), _col("hash", BYTES), _col("payload", JSON)),
        *(_col("tries", NUMBER), _col("expires_at", TIME), _maybe("used_at", TIME), _col("created_at", TIME)),
        _unique("tickets", "hash"),
    )
