"""What each request to the model took, and what may be spent in a month."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0041"
down_revision = "0040"

USAGE, LIMITS, RESERVATIONS = "model_usage", "spending_limits", "budget_reservations"
COUNTS = ("prompt", "cached", "output", "thoughts")
INDEXES = {"member": ["workspace_id", "member_id", "at"], "turn": ["turn_id"], "at": ["at"]}


def upgrade() -> None:
    op.create_table(
        LIMITS,
        sa.Column("workspace_id", sa.String(64), primary_key=True),
        sa.Column("whose", sa.String(64), primary_key=True),
        sa.Column("money", sa.BigInteger),
        sa.Column("asks_from", sa.BigInteger),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    op.create_table(
        USAGE,
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("link_id", "conversation_id", "turn_id")),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
        sa.Column("money", sa.BigInteger),
        sa.Column("saved", sa.BigInteger, nullable=False),
        sa.Column("measured", sa.Boolean, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    for name, columns in INDEXES.items():
        op.create_index(f"ix_{USAGE}_{name}", USAGE, columns)
    op.add_column(RESERVATIONS, sa.Column("member_id", sa.String(64), nullable=False, server_default=""))
    for name in ("conversation_id", "turn_id"):
        op.add_column(RESERVATIONS, sa.Column(name, sa.String(36), nullable=False, server_default=""))
    op.add_column(RESERVATIONS, sa.Column("purpose", sa.String(10), nullable=False, server_default="answer"))


def downgrade() -> None:
    for name in ("purpose", "turn_id", "conversation_id", "member_id"):
        op.drop_column(RESERVATIONS, name)
    op.drop_table(USAGE)
    op.drop_table(LIMITS)
