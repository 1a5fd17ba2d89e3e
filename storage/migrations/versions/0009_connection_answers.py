"""What a connection's form was answered, why it fails, and whether its member has paused it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

TABLE = "mcp_connections"
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("answers", JSON, nullable=False, server_default="{}"))
    op.add_column(TABLE, sa.Column("cause", sa.String(24), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("answers", "cause", "paused_at"):
        op.drop_column(TABLE, name)
