"""A workspace's card may be a program of this machine, pinned as an administrator confirmed it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql")
TABLE = "mcp_run_cards"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("spec", JSON))
    op.add_column(TABLE, sa.Column("pin", sa.String(64)))
    op.add_column(TABLE, sa.Column("seconds", sa.Integer()))


def downgrade() -> None:
    op.execute(f"DELETE FROM {TABLE} WHERE spec IS NOT NULL")  # noqa: S608  older versions would take it for an address
    for name in ("spec", "pin", "seconds"):
        op.drop_column(TABLE, name)
