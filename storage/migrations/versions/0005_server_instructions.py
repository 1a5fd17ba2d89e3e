"""What a server says about its tools, as its member accepted it, and what waits to be accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TABLE, COLUMNS = "mcp_connections", ("instructions", "instructions_offered")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column(TABLE, sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column(TABLE, name)
