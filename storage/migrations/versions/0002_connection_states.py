"""Since when a connection fails, and until when its server asks to be left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLE, COLUMNS = "mcp_connections", ("failing_since", "retry_at")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column(TABLE, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # When it was last looked at is the nearest to since when that is known of those which fail already.
    op.execute(f"UPDATE {TABLE} SET failing_since = checked_at WHERE status <> 'connected'")  # noqa: S608  our names


def downgrade() -> None:
    op.execute(f"UPDATE {TABLE} SET status = 'failing' WHERE status = 'sign_in'")  # noqa: S608  our names
    for name in COLUMNS:
        op.drop_column(TABLE, name)
