"""Servers that declare resources and prompts and have none."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TABLE, COLUMN = "mcp_connections", "nothing_beside"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
