"""An audit entry's detail is kept as it was written: JSONB writes numbers anew, and the entry's hash covers them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # On SQLite both are text.
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("audit_entries", "detail", type_=sa.JSON(), postgresql_using="detail::json")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("audit_entries", "detail", type_=postgresql.JSONB(), postgresql_using="detail::jsonb")
