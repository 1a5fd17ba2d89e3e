"""Which connections lead to a host that a workspace's administrators do not let be reached."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"

CONNECTIONS = "mcp_connections"


def upgrade() -> None:
    op.add_column(CONNECTIONS, sa.Column("outside", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column(CONNECTIONS, "outside")
