"""Requests that programs may send again."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0061"
down_revision = "0060"

REQUESTS = "api_requests"


def upgrade() -> None:
    op.create_table(
        REQUESTS,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("token_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("answer", sa.LargeBinary, nullable=True),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key", name=f"pk_{REQUESTS}"),
        _goes_with("workspace_id", "workspaces"),
        _goes_with("token_id", "access_tokens"),
    )
    for name in ("workspace_id", "at"):
        op.create_index(f"ix_{REQUESTS}_{name}", REQUESTS, [name])


def downgrade() -> None:
    op.drop_table(REQUESTS)


def _goes_with(column: str, parent: str) -> sa.Constraint:
    name = f"fk_{REQUESTS}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
