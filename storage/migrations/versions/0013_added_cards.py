"""Cards that administrators added for their workspace."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql")
LISTS = ("reads", "questions", "audience")
TIMES = ("created_at", "changed_at")


def upgrade() -> None:
    op.create_table(
        "mcp_run_cards",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(24), nullable=False),
        sa.Column("about", sa.String(150), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("signs_in", sa.String(8), nullable=False),
        sa.Column("header", sa.String(64), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
        *(sa.Column(name, JSON, nullable=False) for name in LISTS),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in TIMES),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_mcp_run_cards_workspace_id", "mcp_run_cards", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("mcp_run_cards")
