"""What a call of a tool cost, where its card says so."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.add_column("mcp_tool_usage", sa.Column("money", sa.BigInteger))
    op.create_index("ix_mcp_tool_usage_turn", "mcp_tool_usage", ["turn_id"])


def downgrade() -> None:
    op.drop_index("ix_mcp_tool_usage_turn", "mcp_tool_usage")
    op.drop_column("mcp_tool_usage", "money")
