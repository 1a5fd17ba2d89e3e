"""Connections that are about to go and can still be kept, and an index for how much each is used."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INDEX = "ix_mcp_tool_usage_connection"


def upgrade() -> None:
    op.add_column("mcp_connections", sa.Column("leaving_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(INDEX, "mcp_tool_usage", ["connection_id", "at"])


def downgrade() -> None:
    # Who was leaving is gone: nobody could take it back any more.
    op.execute("DELETE FROM mcp_connections WHERE leaving_since IS NOT NULL")
    op.drop_index(INDEX, "mcp_tool_usage")
    op.drop_column("mcp_connections", "leaving_since")
