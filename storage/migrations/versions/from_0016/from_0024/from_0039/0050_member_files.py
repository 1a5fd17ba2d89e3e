"""Files that came with members' messages."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0050"
down_revision = "0049"

FILES = "member_files"


def upgrade() -> None:
    op.create_table(
        FILES,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{FILES}"),
        _goes_with("workspace_id", "workspaces"),
        _goes_with("conversation_id", "conversations"),
    )
    for name in ("workspace_id", "conversation_id", "created_at"):
        op.create_index(f"ix_{FILES}_{name}", FILES, [name])


def downgrade() -> None:
    op.drop_table(FILES)


def _goes_with(column: str, parent: str) -> sa.Constraint:
    name = f"fk_{FILES}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
