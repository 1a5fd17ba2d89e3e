"""What a link's guests may begin with, what its agent asks, and links that are looked at before they are made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql")
LINKS, DRAFTS = "temporary_chat_links", "temporary_chat_drafts"
LISTS = ("starters", "covers")


def upgrade() -> None:
    for name in LISTS:
        op.add_column(LINKS, sa.Column(name, JSON, nullable=False, server_default="[]"))
    op.add_column(LINKS, sa.Column("frozen", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        DRAFTS,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("chosen", JSON, nullable=False),
        sa.Column("frozen", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
    )
    for name in ("workspace_id", "made_at"):
        op.create_index(f"ix_{DRAFTS}_{name}", DRAFTS, [name])


def downgrade() -> None:
    op.drop_table(DRAFTS)
    for name in ("frozen", *LISTS):
        op.drop_column(LINKS, name)
