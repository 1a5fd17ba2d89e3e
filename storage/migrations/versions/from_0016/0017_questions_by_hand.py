"""Questions of calls that a member makes by hand, which are part of no turn."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0017"
down_revision = "0016"

TABLE, OF_A_TURN = "elicitations", ("conversation_id", "turn_id")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("held_until", UtcTime))
    _nullable(True)


def downgrade() -> None:
    op.execute(f"DELETE FROM {TABLE} WHERE turn_id IS NULL")  # noqa: S608
    _nullable(False)
    op.drop_column(TABLE, "held_until")


def _nullable(nullable: bool) -> None:
    with op.batch_alter_table(TABLE) as batch:
        for column in OF_A_TURN:
            batch.alter_column(column, existing_type=sa.String(36), nullable=nullable)
