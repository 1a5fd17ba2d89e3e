"""What members want to be reminded of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.schema import UtcTime

revision = "0047"
down_revision = "0045"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql")
REMINDERS = "reminders"


def upgrade() -> None:
    op.create_table(
        REMINDERS,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("place", JSON, nullable=False),
        sa.Column("due_at", UtcTime, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{REMINDERS}"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{REMINDERS}_workspace_id_workspaces", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{REMINDERS}_workspace_id", REMINDERS, ["workspace_id"])
    op.create_index(f"ix_{REMINDERS}_member", REMINDERS, ["workspace_id", "member_id", "state"])
    op.create_index(f"ix_{REMINDERS}_due_at", REMINDERS, ["due_at"])


def downgrade() -> None:
    op.drop_table(REMINDERS)
