"""What waits is found by its workspace, so that these are served by turns."""

from alembic import op

revision = "0064"
down_revision = "0061"

NAME, TABLE = "ix_turns_claim", "turns"


def upgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["status", "workspace_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["status", "created_at"])
