"""What looked like an attack on guests' pages."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0030"
down_revision = "0029"

TABLE = "security_events"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64)),
        sa.Column("link_id", sa.String(36)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("network", sa.String(43), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_security_events_workspace_id_workspaces", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_security_events"),
    )
    op.create_index("ix_security_events_workspace_id", TABLE, ["workspace_id"])
    op.create_index("ix_security_events_at", TABLE, ["at"])
    op.create_index("ix_security_events_kind", TABLE, ["kind", "at"])


def downgrade() -> None:
    op.drop_table(TABLE)
