"""Which model answered on a link though nobody has written down what it costs."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

TABLE, COLUMN = "temporary_chat_links", "unpriced"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.String(80), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
