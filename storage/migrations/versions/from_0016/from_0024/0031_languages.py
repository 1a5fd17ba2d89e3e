"""The language that a link speaks to its guests in, and the one that a guest was spoken to in."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

TABLES, COLUMN = ("temporary_chat_links", "temporary_chat_sessions"), "language"


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column(COLUMN, sa.String(8), nullable=False, server_default=""))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, COLUMN)
