"""The message in which a member was asked to sign in again, so that it is one, and says how it went."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql")


def upgrade() -> None:
    op.add_column("mcp_connections", sa.Column("sign_in_note", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("mcp_connections", "sign_in_note")
