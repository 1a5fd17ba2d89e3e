"""Links that are extended, paused, and given a new address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql")
TABLE = "temporary_chat_links"
TIMES = ("paused_at", "extended_at")


def upgrade() -> None:
    for name in TIMES:
        op.add_column(TABLE, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("former_hashes", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    for name in ("former_hashes", *TIMES):
        op.drop_column(TABLE, name)
