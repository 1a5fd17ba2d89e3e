"""Files that tools gave, until they are shown."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0016"
down_revision = "0015"

TABLE = "turn_files"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("turn_id", sa.String(36), nullable=False),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        _goes_with("workspace_id", "workspaces"),
        _goes_with("turn_id", "turns"),
    )
    op.create_index(f"ix_{TABLE}_workspace_id", TABLE, ["workspace_id"])
    op.create_index(f"ix_{TABLE}_turn_id", TABLE, ["turn_id"])


def downgrade() -> None:
    op.drop_table(TABLE)


def _goes_with(column: str, parent: str) -> sa.Constraint:
    name = f"fk_{TABLE}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
