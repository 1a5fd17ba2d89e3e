"""Files that guests sent."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0035"
down_revision = "0034"

FILES = "guest_files"


def upgrade() -> None:
    op.create_table(
        FILES,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("turn_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("mime", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("relayed", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{FILES}"),
        _goes_with("workspace_id", "workspaces"),
        _goes_with("session_id", "temporary_chat_sessions"),
    )
    for name in ("workspace_id", "session_id", "created_at"):
        op.create_index(f"ix_{FILES}_{name}", FILES, [name])


def downgrade() -> None:
    op.drop_table(FILES)


def _goes_with(column: str, parent: str) -> sa.Constraint:
    name = f"fk_{FILES}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
