"""What is counted by the hour before it goes into the audit."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0037"
down_revision = "0036"

TABLE = "audit_tallies"
KEY = ("workspace_id", "link_id", "action", "reason", "hour")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("link_id", sa.String(36), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("hour", UtcTime, nullable=False),
        sa.Column("network", sa.String(43), nullable=False),
        sa.Column("pending", sa.Integer, nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*KEY),
    )
    op.create_index(f"ix_{TABLE}_hour", TABLE, ["hour"])


def downgrade() -> None:
    op.drop_table(TABLE)
