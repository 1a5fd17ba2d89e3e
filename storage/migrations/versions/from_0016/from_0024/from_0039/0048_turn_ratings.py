"""Whether an answer helped, as people press it."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0048"
down_revision = "0047"

RATINGS = "turn_ratings"


def upgrade() -> None:
    op.create_table(
        RATINGS,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("turn_id", sa.String(36), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("helped", sa.Boolean, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "member_id", name=f"pk_{RATINGS}"),
        _goes_with("workspace_id", "workspaces"),
        _goes_with("turn_id", "turns"),
    )
    op.create_index(f"ix_{RATINGS}_at", RATINGS, ["workspace_id", "at"])


def downgrade() -> None:
    op.drop_table(RATINGS)


def _goes_with(column: str, parent: str) -> sa.Constraint:
    name = f"fk_{RATINGS}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
