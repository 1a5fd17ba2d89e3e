"""Agents and their grants. Each workspace has a default one with full access, so nothing changes for anyone."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Json, UtcTime, new_id, now

revision = "0053"
down_revision = "0051"

AGENTS, CHANNELS, GRANTS = "agents", "agent_channels", "agent_mcp_server_access"
DEFAULT = "Usher"


def upgrade() -> None:
    _agents()
    _channels()
    _grants()
    op.add_column("conversations", sa.Column("agent_id", sa.String(36), nullable=False, server_default=""))
    op.add_column("temporary_chat_links", sa.Column("agent", Json, nullable=False, server_default="{}"))
    _a_default_for_each_workspace()


def downgrade() -> None:
    op.drop_column("temporary_chat_links", "agent")
    op.drop_column("conversations", "agent_id")
    for name in (GRANTS, CHANNELS, AGENTS):
        op.drop_table(name)


def _agents() -> None:
    op.create_table(
        AGENTS,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("called", sa.String(80), nullable=False),
        sa.Column("picture", sa.String(80), nullable=False),
        sa.Column("instructions", sa.Text, nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("tools", Json, nullable=False),
        sa.Column("cards", Json, nullable=False),
        sa.Column("asks_first", sa.Boolean, nullable=False),
        sa.Column("used", sa.String(10), nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("archived_at", UtcTime, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=f"pk_{AGENTS}"),
        sa.UniqueConstraint("workspace_id", "called", name=f"uq_{AGENTS}_workspace_id_called"),
        _of_workspace(AGENTS),
    )
    op.create_index(
        "uq_agents_default",
        AGENTS,
        ["workspace_id"],
        unique=True,
        sqlite_where=sa.text("is_default = 1"),
        postgresql_where=sa.text("is_default"),
    )


def _channels() -> None:
    op.create_table(
        CHANNELS,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel", name=f"pk_{CHANNELS}"),
        _of_workspace(CHANNELS),
        _of_agent(CHANNELS),
    )
    op.create_index("ix_agent_channels_agent", CHANNELS, ["workspace_id", "agent_id"])


def _grants() -> None:
    op.create_table(
        GRANTS,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("target_id", sa.String(36), nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("tools", Json, nullable=False),
        sa.Column("granted_by", sa.String(64), nullable=False),
        sa.Column("granted_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "agent_id", "target_id", name=f"pk_{GRANTS}"),
        _of_workspace(GRANTS),
        _of_agent(GRANTS),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["mcp_connections.id"],
            name=f"fk_{GRANTS}_target_id_mcp_connections",
            ondelete="CASCADE",
        ),
    )
    op.create_index(f"ix_{GRANTS}_target_id", GRANTS, ["target_id"])


def _of_workspace(table: str) -> sa.Constraint:
    name = f"fk_{table}_workspace_id_workspaces"
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")


def _of_agent(table: str) -> sa.Constraint:
    columns, name = ["workspace_id", "agent_id"], f"fk_{table}_workspace_id_agents"
    return sa.ForeignKeyConstraint(columns, ["agents.workspace_id", "agents.id"], name=name, ondelete="CASCADE")


def _a_default_for_each_workspace() -> None:
    names = ("workspace_id", "id", "name", "called", "picture", "instructions", "scope", "used", "made_by")
    agents = sa.table(
        AGENTS,
        *(sa.column(name) for name in names),
        *(sa.column(name, Json) for name in ("tools", "cards")),
        *(sa.column(name, sa.Boolean) for name in ("asks_first", "is_default")),
        sa.column("created_at", UtcTime),
    )
    told = {"name": DEFAULT, "called": DEFAULT.casefold(), "picture": "", "instructions": "", "scope": "full_access"}
    whole = {**told, "used": "everyone", "made_by": "usher", "tools": [], "cards": [], "asks_first": False}
    known = op.get_bind().execute(sa.text("SELECT id FROM workspaces")).scalars().all()
    for workspace in known:
        row = {"workspace_id": workspace, "id": new_id(), "is_default": True, "created_at": now(), **whole}
        op.get_bind().execute(sa.insert(agents).values(row))
