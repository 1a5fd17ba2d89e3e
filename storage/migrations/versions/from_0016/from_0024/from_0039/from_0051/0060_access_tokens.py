"""Tokens by which programs act for a member."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.schema import UtcTime

revision = "0060"
down_revision = "0058"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql")
TOKENS = "access_tokens"


def upgrade() -> None:
    op.create_table(
        TOKENS,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(4), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("tail", sa.String(4), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("revoked_at", UtcTime, nullable=True),
        sa.Column("used_at", UtcTime, nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TOKENS}"),
        sa.UniqueConstraint("hash", name=f"uq_{TOKENS}_hash"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{TOKENS}_workspace_id_workspaces", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{TOKENS}_workspace_id", TOKENS, ["workspace_id"])
    op.create_index(f"ix_{TOKENS}_member", TOKENS, ["workspace_id", "member_id", "kind"])


def downgrade() -> None:
    op.drop_table(TOKENS)
