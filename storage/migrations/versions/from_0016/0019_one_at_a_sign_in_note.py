"""One process at a time is at the message that asks a member to sign in again."""

import sqlalchemy as sa
from alembic import op

from storage.schema import UtcTime

revision = "0019"
down_revision = "0018"

TABLE, COLUMN = "mcp_connections", "sign_in_note_held"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, UtcTime))


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
