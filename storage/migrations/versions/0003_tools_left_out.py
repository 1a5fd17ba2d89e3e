"""Which of a server's tools could not be taken, and why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("mcp_connections", sa.Column("left_out", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("mcp_connections", "left_out")
