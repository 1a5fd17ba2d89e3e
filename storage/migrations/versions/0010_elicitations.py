"""What servers ask people in the middle of a call."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Json, UtcTime

revision = "0010"
down_revision = "0009"

OPEN = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_table(
        "elicitations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("turn_id", sa.String(36), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("server", sa.String(80), nullable=False),
        sa.Column("tool", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("form", Json, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("answer", Json),
        sa.Column("message", Json, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("decided_at", UtcTime),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_elicitations"),
        _goes_with("workspace_id", "workspaces"),
        _goes_with("conversation_id", "conversations"),
    )
    op.create_index("ix_elicitations_workspace_id", "elicitations", ["workspace_id"])
    op.create_index("ix_elicitations_turn_id", "elicitations", ["turn_id"])
    op.create_index("ix_elicitations_open", "elicitations", ["expires_at"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table("elicitations")


def _goes_with(column: str, parent: str) -> sa.Constraint:
    name = f"fk_elicitations_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
