"""Which tab of Home an administrator looks at, what they have set, which agent called, and what they forbid."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Json, UtcTime

revision = "0066"
down_revision = "0064"

PLACES, POLICIES, USAGE = "home_places", "policies", "mcp_tool_usage"


def upgrade() -> None:
    op.create_table(
        PLACES,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("tab", sa.String(20), nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "member_id", name=f"pk_{PLACES}"),
        _of_workspace(PLACES),
    )
    op.create_table(
        POLICIES,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("set_by", sa.String(64), nullable=False),
        sa.Column("set_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=f"pk_{POLICIES}"),
        _of_workspace(POLICIES),
    )
    op.add_column("mcp_connections", sa.Column("forbidden", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column(USAGE, sa.Column("agent_id", sa.String(36), nullable=False, server_default=""))
    op.create_index("ix_mcp_tool_usage_at", USAGE, ["workspace_id", "at"])
    op.create_index("ix_approvals_member", "approvals", ["workspace_id", "member_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_approvals_member", "approvals")
    op.drop_index("ix_mcp_tool_usage_at", USAGE)
    op.drop_column(USAGE, "agent_id")
    op.drop_column("mcp_connections", "forbidden")
    op.drop_table(POLICIES)
    op.drop_table(PLACES)


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id_workspaces", ondelete="CASCADE"
    )
