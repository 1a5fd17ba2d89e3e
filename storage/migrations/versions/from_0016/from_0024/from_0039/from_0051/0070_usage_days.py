"""What was used on each day that is over, added up; what results brought into prompts; what was left out of them."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Json, UtcTime

revision = "0070"
down_revision = "0069"

DAYS, CALLS, REQUESTS = "usage_days", "mcp_tool_usage", "model_usage"
SUMS = ("done", "failed", "refused", "milliseconds", "cost", "left_out", "brought", "requests", "prompt", "cached")
MORE = ("output", "thoughts", "money", "saved", "priced", "measured", "turns")


def upgrade() -> None:
    op.create_table(
        DAYS,
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("tool", sa.String(200), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in (*SUMS, *MORE)),
        sa.Column("last", UtcTime),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "day", "key", "tool", name=f"pk_{DAYS}"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{DAYS}_workspace_id_workspaces", ondelete="CASCADE"
        ),
    )
    op.add_column(CALLS, sa.Column("left_out", sa.Integer, nullable=False, server_default="0"))
    op.add_column(REQUESTS, sa.Column("brought", Json))
    op.create_index("ix_model_usage_workspace", REQUESTS, ["workspace_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_model_usage_workspace", REQUESTS)
    op.drop_column(REQUESTS, "brought")
    op.drop_column(CALLS, "left_out")
    op.drop_table(DAYS)
