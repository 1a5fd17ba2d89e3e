"""Where one message counts the guests of a link, and what it says now."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

TABLE = "temporary_chat_links"
COLUMNS = {"count_channel": 64, "count_ts": 32, "count_drawn": 64}


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column(TABLE, sa.Column(name, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column(TABLE, name)
