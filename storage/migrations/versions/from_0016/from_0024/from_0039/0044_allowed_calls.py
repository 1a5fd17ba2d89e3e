"""Calls that need no question: of one tool in one conversation, or of one tool with certain arguments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"

TABLE = "mcp_allowed_calls"
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql")
REFERS = (("workspace_id", "workspaces"), ("connection_id", "mcp_connections"), ("conversation_id", "conversations"))


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("tool", sa.String(200), nullable=False),
        sa.Column("pin", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36)),
        sa.Column("arguments", JSON, nullable=False),
        sa.Column("approval_id", sa.String(36)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([of], [f"{to}.id"], name=f"fk_{TABLE}_{of}_{to}", ondelete="CASCADE")
            for of, to in REFERS
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    for of, _ in REFERS:
        op.create_index(f"ix_{TABLE}_{of}", TABLE, [of])


def downgrade() -> None:
    op.drop_table(TABLE)
