"""Whose results may be shown to whom: a member's standing yes for one connection in one channel."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0045"
down_revision = "0044"

TABLE = "shown_in_channels"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_shown_in_channels_workspace_id_workspaces", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["mcp_connections.id"],
            name="fk_shown_in_channels_connection_id_mcp_connections",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "channel", name="pk_shown_in_channels"),
    )
    op.create_index("ix_shown_in_channels_workspace_id", TABLE, ["workspace_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
